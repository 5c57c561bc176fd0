using System.Text;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Export;
using Dray.Quantization.Tests.Evaluation;

namespace Dray.Quantization.Tests.Export;

public sealed class SafetensorsWriterTests
{
    [Fact]
    public void Write_TensorsOfUpstreamsFile_WritesTheSameFile()
    {
        using var folder = new TemporaryFolder();
        var upstream = Path.Combine(SmolLm2.Folder("w4a16-rtn"), "model-00002-of-00002.safetensors");
        using var file = SafetensorsFile.Open(upstream);

        SafetensorsWriter.Write(
            folder["written"], file.Tensors.Values.OrderBy(tensor => tensor.Length).Select(TensorOutput.Copy), TestContext.Current.CancellationToken);

        File.ReadAllBytes(folder["written"]).AsSpan().SequenceEqual(File.ReadAllBytes(upstream)).ShouldBeTrue();
    }

    [Fact]
    public void Write_TypesOfSeveralSizes_OrdersByTypeThenNameAndPadsTheHeader()
    {
        using var folder = new TemporaryFolder();
        TensorOutput Filled(string name, string type, long length, byte value) => new(name, type, [length], length, stream => stream.Write(new[] { value }));

        SafetensorsWriter.Write(
            folder["written"],
            [Filled("b", "U8", 1, 1), Filled("a", "U8", 1, 2), new("é", "I64", [], 8, stream => stream.Write(new byte[8]))],
            TestContext.Current.CancellationToken);

        var bytes = File.ReadAllBytes(folder["written"]);
        var length = BitConverter.ToInt32(bytes);
        (length % 8).ShouldBe(0);
        Encoding.UTF8.GetString(bytes, 8, length).TrimEnd().ShouldBe(
            """{"__metadata__":{"format":"pt"},"é":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[1],"data_offsets":[8,9]},"b":{"dtype":"U8","shape":[1],"data_offsets":[9,10]}}""");
        bytes[^2..].ShouldBe([2, 1]);
        using var read = SafetensorsFile.Open(folder["written"]);
        read.Tensors.Count.ShouldBe(3);
    }
}
