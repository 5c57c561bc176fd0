using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dray-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Open_ValidFile_GivesEveryTensor()
    {
        SafetensorsWriter.Write(_path, [
            SafetensorsEntry.Of("a", "U8", [3], [1, 2, 3]), SafetensorsEntry.Of("b", "F32", [], BitConverter.GetBytes(1.5f)),
            SafetensorsEntry.Of("empty", "F32", [0, 7], [])]);
        using var file = SafetensorsFile.Open(_path);

        file.Tensors.Keys.ShouldBe(["a", "b", "empty"], ignoreOrder: true);
        file.Tensors["b"].Shape.ShouldBeEmpty();
        var bytes = new byte[4];
        file.Tensors["b"].Read(0, bytes);
        BitConverter.ToSingle(bytes).ShouldBe(1.5f);
        Should.Throw<ArgumentOutOfRangeException>(() => file.Tensors["a"].Read(1, new byte[3]));
    }

    [Fact]
    public void Open_MetadataAndAHole_AreTolerated()
    {
        Write("""{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}   """, 4);
        using var file = SafetensorsFile.Open(_path);
        file.Tensors.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""[1]""", 0, "the header is a JSON StartArray, expected an object of tensors")]
    [InlineData("""{"a":""", 0, "the header is not valid JSON")]
    [InlineData("""{} {}""", 0, "the header is not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "the header is not valid JSON")]
    [InlineData("""{"a":7}""", 0, "the entry of 'a' is a JSON Number, expected an object")]
    [InlineData("""{"__metadata__":7}""", 0, "__metadata__ is a JSON Number, expected an object of strings")]
    [InlineData("""{"__metadata__":{"a":7}}""", 0, "a value of __metadata__ is a JSON Number, expected a string")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "the header names 'a' twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1]}}""", 1, "the entry of 'a' is incomplete")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}}""", 1, "the entry of 'a' is incomplete")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}""", 1, "data_offsets of 'a' has more than 2 values")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}""", 1, "unexpected, repeated or malformed key 'shape'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}""", 1, "unexpected, repeated or malformed key 'x'")]
    [InlineData("""{"a":{"dtype":"Q5","shape":[1],"data_offsets":[0,1]}}""", 1, "tensor 'a' has the unknown dtype 'Q5'")]
    [InlineData("""{"a":{"dtype":"U8","shape":7,"data_offsets":[0,1]}}""", 1, "shape of 'a' is a JSON Number, expected an array of integers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}""", 1, "shape of 'a' holds a value that is not an integer")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""", 1, "shape of 'a' holds a value that is not an integer")]
    [InlineData("""{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}""", 1, "shape of 'a' holds a value that is not an integer")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""", 1, "shape of 'a' has more than 8 values")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,1]}}""", 1, "tensor 'a' has 1 bytes, but U8 [4294967296, 4294967296] needs more than 2^60")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "tensor 'a' has 0 bytes, but F32 [4611686018427387904, 4] needs more than 2^60")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor 'a' has 4 bytes, but F32 [2] needs 8")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", 4, "data_offsets [0, 8] of tensor 'a' are outside the data section of 4 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,1]}}""", 4, "data_offsets [2, 1] of tensor 'a' are outside the data section")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "tensors 'a' and 'b' overlap at byte 2")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 4, "the last tensor ends at byte 3 of the data section, but 4 bytes follow")]
    public void Open_LyingHeader_IsRefusedWithASentence(string header, int dataBytes, string sentence)
    {
        Write(header, dataBytes);
        var message = Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_path)).Message;
        message.ShouldStartWith(Path.GetFileName(_path) + ": ");
        message.ShouldContain(sentence);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(7L)]
    public void Open_FileWithoutRoomForALength_IsRefused(long bytes)
    {
        File.WriteAllBytes(_path, new byte[bytes]);
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_path)).Message.ShouldContain($"the file has {bytes} bytes, too few");
    }

    [Theory]
    [InlineData(3UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void Open_HeaderLongerThanTheFile_IsRefused(ulong length)
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(_path, bytes);
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_path)).Message
            .ShouldContain($"the header claims {length} bytes, but at most 2 are possible");
    }

    [Fact]
    public void Open_GitLfsPointer_SaysSo()
    {
        File.WriteAllText(_path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_path)).Message.ShouldContain("git lfs pull");
    }

    [Fact]
    public void Open_MissingFile_IsRefused() =>
        Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_path)).Message.ShouldContain("can't be read");

    [Fact]
    public void Read_AfterDispose_Throws()
    {
        SafetensorsWriter.Write(_path, [SafetensorsEntry.Of("a", "U8", [1], [1])]);
        var file = SafetensorsFile.Open(_path);
        file.Dispose();
        Should.Throw<ObjectDisposedException>(() => file.Tensors["a"].Read(0, new byte[1]));
    }

    [Fact]
    public void Open_RandomlyDamagedFile_ReadsOrRefusesAndNeverMore()
    {
        var valid = ValidFile();
        var edits = Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte).List[1, 4];
        var damages = Gen.Select(edits, Gen.Int[0, valid.Length * 2], Gen.Bool);
        damages.Sample(
            damage =>
            {
                var (changes, cut, truncate) = damage;
                var bytes = valid.ToArray();
                foreach (var (at, value) in changes)
                    bytes[at] = value;
                if (truncate) Array.Resize(ref bytes, Math.Min(cut, valid.Length));
                var before = GC.GetAllocatedBytesForCurrentThread();
                ReadsOrRefuses(bytes);
                (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void Parse_RandomlyDamagedHeader_ReadsOrRefuses()
    {
        var valid = ValidFile();
        var header = valid.AsMemory(8, BinaryPrimitives.ReadInt32LittleEndian(valid));
        var dataLength = valid.Length - 8 - header.Length;
        var alphabet = "{}[],:\"\\-0123456789eE.u"u8.ToArray();
        var letters = Gen.OneOf(Gen.Byte, Gen.Int[0, alphabet.Length - 1].Select(i => alphabet[i]));
        Gen.Select(Gen.Int[0, header.Length - 1], letters).List[1, 6].Sample(
            changes =>
            {
                var bytes = header.ToArray();
                foreach (var (at, value) in changes)
                    bytes[at] = value;
                try
                {
                    foreach (var entry in SafetensorsHeader.Parse("f", bytes, dataLength))
                        (entry.Begin >= 0 && entry.Begin <= entry.End && entry.End <= dataLength).ShouldBeTrue();
                }
                catch (CheckpointException exception)
                {
                    exception.Message.ShouldStartWith("f: ");
                }
            },
            iter: 20_000);
    }

    [Fact]
    public void Open_EveryTruncation_Refuses()
    {
        var valid = ValidFile();
        for (var length = 0; length < valid.Length; length++)
        {
            File.WriteAllBytes(_path, valid[..length]);
            Should.Throw<CheckpointException>(() => SafetensorsFile.Open(_path).Dispose());
        }
    }

    private void ReadsOrRefuses(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        try
        {
            using var file = SafetensorsFile.Open(_path);
            foreach (var tensor in file.Tensors.Values)
                tensor.Read(0, new byte[tensor.Length]);
        }
        catch (CheckpointException exception)
        {
            exception.Message.ShouldNotBeNullOrWhiteSpace();
        }
    }

    private byte[] ValidFile()
    {
        SafetensorsWriter.Write(_path, [
            SafetensorsEntry.Of("first", "F32", [2, 3], new byte[24]), SafetensorsEntry.Of("second", "BF16", [5], new byte[10]),
            SafetensorsEntry.Of("third", "I32", [1, 4], new byte[16])]);
        return File.ReadAllBytes(_path);
    }

    private void Write(string header, int dataBytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        File.WriteAllBytes(_path, bytes);
    }
}
