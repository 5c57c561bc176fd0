using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Models;
using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Models;

/// <summary>One of the tiny checkpoints with the activations that upstream computes on it.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly GoldenTensors _tensors;
    private readonly JsonDocument _description;

    /// <param name="name">The checkpoint.</param>
    /// <param name="backend">Computes; is disposed of with this one.</param>
    public GoldenModel(string name, IComputeBackend backend)
    {
        _tensors = new GoldenTensors(SharedFolder.Require("goldens", "model", $"{name}.safetensors"));
        _description = JsonDocument.Parse(File.ReadAllText(SharedFolder.Require("goldens", "model", $"{name}.json")));
        Backend = backend;
        using var checkpoint = Checkpoint.Open(SharedFolder.Require("models", "tiny-mistral3", name));
        Model = new Mistral3(Backend, checkpoint);
        checkpoint.UnreadTensors.ShouldBeEmpty();
    }

    public IComputeBackend Backend { get; }

    public Mistral3 Model { get; }

    public IEnumerable<JsonElement> Prompts => _description.RootElement.GetProperty("prompts").EnumerateArray();

    public KvCache NewCache(int blocks)
    {
        var text = Model.Config.Text;
        return Backend.AllocateKvCache(new KvCacheShape(text.Layers, blocks, text.KvHeads, text.HeadDim));
    }

    public int[] Ids(string prompt) => [.. MemoryMarshal.Cast<byte, int>(_tensors.Bytes($"{prompt}.input_ids"))];

    public float[] Tensor(string name) => _tensors.Floats(name);

    public bool Has(string name) => _tensors.Names.Contains(name);

    /// <summary>The prompt's pictures, patched from their pixels, and where their [IMG] runs begin.</summary>
    public List<(ReadOnlyMemory<float> Pixels, PatchGrid Grid, int FirstToken)> Pictures(string prompt)
    {
        var (pictures, ids, first) = (new List<(ReadOnlyMemory<float>, PatchGrid, int)>(), Ids(prompt), 0);
        while (Has($"{prompt}.image.{pictures.Count}.rgb8"))
        {
            var name = $"{prompt}.image.{pictures.Count}.rgb8";
            var (height, width) = (_tensors.Shape(name)[0], _tensors.Shape(name)[1]);
            var patched = ImageProcessor.Patch(new RgbImage(width, height, _tensors.Bytes(name)), new ImageSpec(14, 1540, 2), []);
            var grid = new PatchGrid(patched.Geometry.PatchColumns, patched.Geometry.PatchRows);
            first = Array.IndexOf(ids, 10, first);
            pictures.Add((patched.Pixels, grid, first));
            first += (grid.Columns / 2 + 1) * (grid.Rows / 2);
        }

        return pictures;
    }

    public PromptImage[] Images(string prompt) =>
        [.. Pictures(prompt).Select(picture => new PromptImage(picture.Pixels, picture.Grid, 2, picture.FirstToken, SHA256.HashData(MemoryMarshal.AsBytes(picture.Pixels.Span))))];

    public void Dispose()
    {
        Model.Dispose();
        Backend.Dispose();
        _description.Dispose();
    }
}
