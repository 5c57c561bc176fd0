using System.Text;
using CsCheck;
using Dray.Cli.Configuration;

namespace Dray.Cli.Tests.Configuration;

public sealed class YamlReaderTests
{
    [Fact]
    public void Read_BillionLaughs_SharesNodesInsteadOfRepeatingThem()
    {
        var yaml = new StringBuilder("a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
        for (var i = 1; i < 100; i++) yaml.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");

        var root = YamlReader.Read(yaml.ToString(), "x");

        root.Entries.Count.ShouldBe(100);
        var (last, previous) = ((YamlList)root.Entries[99].Value, root.Entries[98].Value);
        last.Items.ShouldAllBe(item => ReferenceEquals(item, previous));
    }

    [Fact]
    public void Read_TooManyValues_IsRefused() => Refusal($"a: [{string.Join(", ", Enumerable.Repeat("x", 20_000))}]").ShouldContain("more than 10000 values");

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Read_DeepNesting_IsRefused(char bracket) => Refusal("a: " + new string(bracket, 100_000)).ShouldContain("nested more than 16 deep");

    [Theory]
    [InlineData("a: 1\na: 2", "line 2: the key a stands on line 1 too; keep one of them.")]
    [InlineData("max-num-seqs: 1\nmax_num_seqs: 2", "line 2: the key max_num_seqs stands on line 1 too; keep one of them.")]
    [InlineData("a: &a [*a]", "line 1: *a refers to nothing that was complete before it; write the value out.")]
    [InlineData("a: *nothing", "line 1: *nothing refers to nothing that was complete before it; write the value out.")]
    [InlineData("a: !!python/object:os.system x", "line 1: the tag tag:yaml.org,2002:python/object:os.system isn't read; leave it out.")]
    [InlineData("[a, b]", "line 1: a configuration must be a mapping of keys to values, such as 'max_num_seqs: 32'.")]
    [InlineData("just text", "line 1: a configuration must be a mapping of keys to values, such as 'max_num_seqs: 32'.")]
    [InlineData("a: 1\n---\nb: 2", "line 2: a second document starts here; a configuration is one document.")]
    [InlineData("? [a]\n: 1", "line 1: a key must be a name.")]
    [InlineData("a: 1\n\tb: 2", "line 2: this is not valid YAML")]
    [InlineData("a: [1, 2", "this is not valid YAML")]
    [InlineData("a: \"unfinished", "this is not valid YAML")]
    public void Read_NotAConfiguration_SaysWhyAndWhere(string yaml, string sentence) => Refusal(yaml).ShouldContain(sentence);

    [Fact]
    public void Read_AnyText_IsReadOrRefusedWithOneLine()
    {
        const string Characters = "ab:- \n\t[]{},&*!|>'\"#%@`?~\\0\u0000\u0085\uD800é";
        Gen.Char[Characters].Array[0, 40].Select(characters => new string(characters)).Sample(
            yaml =>
            {
                try
                {
                    YamlReader.Read(yaml, "x");
                }
                catch (CommandException refusal)
                {
                    refusal.Message.ShouldStartWith("x, line ");
                    refusal.Message.ShouldNotContain('\n');
                }
            },
            iter: 5_000);
    }

    [Fact]
    public void ConfigurationFile_TenMegabytes_IsRefusedUnread()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder["big.yaml"])) file.SetLength(10_000_000);

        Should.Throw<CommandException>(() => ConfigurationFile.Read(folder["big.yaml"], serves: false)).Message.ShouldContain("larger than 256 KiB");
    }

    [Fact]
    public void ConfigurationFile_NotUtf8_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["latin.yaml"], [(byte)'a', (byte)':', (byte)' ', 0xE9, 0xE9]);

        Should.Throw<CommandException>(() => ConfigurationFile.Read(folder["latin.yaml"], serves: false)).Message.ShouldContain("not UTF-8");
    }

    private static string Refusal(string yaml) => Should.Throw<CommandException>(() => YamlReader.Read(yaml, "x")).Message;
}
