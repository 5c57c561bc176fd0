using Dray.Cli.Labelling.Agreement;

namespace Dray.Cli.Tests.Labelling.Agreement;

public sealed class AgreementCountsTests
{
    /// <summary>The example of Cohen's kappa with 50 cases: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no.</summary>
    [Fact]
    public void Kappa_TheTextbooksExample_IsFourTenths()
    {
        var counts = new AgreementCounts(ignoreCase: false);
        Add(20, "yes", "yes");
        Add(5, "yes", "no");
        Add(10, "no", "yes");
        Add(15, "no", "no");

        counts.Accuracy.ShouldBe(0.7, 1e-12);
        counts.Kappa.ShouldBe(0.4, 1e-12);
        var yes = counts.For("yes");
        yes.Precision.ShouldBe(20.0 / 30, 1e-12);
        yes.Recall.ShouldBe(20.0 / 25, 1e-12);
        yes.F1.ShouldBe(2 * (20.0 / 30) * 0.8 / ((20.0 / 30) + 0.8), 1e-12);

        void Add(int rows, string gold, string label)
        {
            for (var i = 0; i < rows; i++) counts.Add(gold, label);
        }
    }

    [Fact]
    public void Add_SpacesCaseAndFailures_AreCountedApart()
    {
        var counts = new AgreementCounts(ignoreCase: true);
        counts.Add(" Food", "food ");
        counts.Add("", "food");
        counts.Add("food", null);
        counts.Add("|a\nb", "<b>");

        (counts.Compared, counts.Agreed, counts.Failed, counts.WithoutGold).ShouldBe((2, 1, 1, 1));
        AgreementReport.ToMarkdown(counts, "o.csv", "gold", null).ShouldContain(@"| \|a b | 1 | 0 | - | 0.000 | 0.000 |");
        ConfusionPlot.Draw(counts).AsSpan(1, 3).SequenceEqual("PNG"u8).ShouldBeTrue();
    }

    [Fact]
    public void Add_MoreLabelsThanCategories_CountsOnlyAgreement()
    {
        var counts = new AgreementCounts(ignoreCase: false);
        for (var i = 0; i < 3000; i++) counts.Add($"label {i}", $"label {i}");

        counts.Accuracy.ShouldBe(1);
        counts.Labels.ShouldBeEmpty();
        AgreementReport.ToJson(counts)["kappa"].ShouldBeNull();
    }
}
