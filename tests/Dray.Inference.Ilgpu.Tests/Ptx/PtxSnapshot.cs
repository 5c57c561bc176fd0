using System.Globalization;
using System.Text;
using Dray.Tests.Ptx;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

/// <summary>What the kernels' PTX showed when it was last looked at: the committed table Ptx/expected.md.</summary>
internal static class PtxSnapshot
{
    private const string Renewal = "DRAY_RENEW_PTX";
    private const string Title =
        "# PTX of the kernels\n\nCounted in what ILGPU emits for sm_80. Renew after a change on purpose, and read the difference: " +
        "`DRAY_RENEW_PTX=1 ./test --filter-class '*.KernelPtxTests'`.\n\n" +
        "| kernel | threads | groups | mma | ldmatrix | cp.async | 16-byte loads | 8-byte loads | 16-byte stores | bar | shfl | shared, bytes | local arrays, bytes | operands in local memory, bytes | generic accesses | calls | f64 |\n" +
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

    /// <summary>Compares the facts to the committed ones, or writes them where <c>DRAY_RENEW_PTX=1</c>.</summary>
    public static void Check(IEnumerable<(string Kernel, PtxFacts Facts)> kernels)
    {
        var file = Path.Combine(SharedFolder.Repository, "tests", "Dray.Inference.Ilgpu.Tests", "Ptx", "expected.md");
        var text = new StringBuilder(Title);
        foreach (var (kernel, facts) in kernels) text.Append(Row(kernel, facts)).Append('\n');
        if (Environment.GetEnvironmentVariable(Renewal) == "1")
        {
            File.WriteAllText(file, text.ToString());
            return;
        }

        var expected = File.Exists(file) ? File.ReadAllLines(file) : [];
        var actual = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var added = actual.Except(expected).ToArray();
        var gone = expected.Where(line => line.Length > 0).Except(actual).ToArray();
        if (added.Length + gone.Length == 0) return;
        Assert.Fail(
            $"The PTX of kernels is not what {file} says. If that is meant, run this test with {Renewal}=1 and commit the file.\n" +
            string.Join('\n', gone.Select(line => "- " + line).Concat(added.Select(line => "+ " + line)).Order(Comparer<string>.Create(
                (a, b) => string.CompareOrdinal(a[2..], b[2..])))));
    }

    private static string Row(string kernel, PtxFacts f) => string.Create(
        CultureInfo.InvariantCulture,
        $"| `{kernel}` | {f.MaxThreads} | {f.MinGroups} | {f.Mma} | {f.MatrixLoads} | {f.AsyncCopies} | {f.Loads16} | {f.Loads8} | {f.Stores16} | {f.Barriers} | {f.Shuffles} | {f.SharedBytes} | {f.LocalBytes} | {f.ScalarBytes} | {f.Generic} | {f.Calls} | {f.Doubles} |");
}
