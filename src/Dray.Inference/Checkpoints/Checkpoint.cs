using System.Security.Cryptography;

namespace Dray.Inference.Checkpoints;

/// <summary>
/// A model's folder, opened: configuration checked, weights mapped and read on demand. Modules are asked for by their canonical names,
/// those of the published checkpoints (<c>language_model.model.layers.N.self_attn.q_proj</c>, <c>language_model.lm_head</c>,
/// <c>vision_tower.patch_conv</c>, <c>multi_modal_projector.linear_1</c>, ...), whatever the files call them.
/// </summary>
/// <remarks>
/// Matrices that it has handed out can be read on any thread until it is disposed. Pages that have been read are given back.
/// </remarks>
public sealed class Checkpoint : IModelWeights, IDisposable
{
    private const int SampleBytes = 4096;
    private const int SamplesPerFile = 16;

    private readonly TensorStore _store;
    private readonly LayerSchemes? _schemes;
    private readonly Dictionary<string, (int Outputs, int Inputs)> _shapes;

    private Checkpoint(string folder, ModelConfig config, TensorStore store, string digest)
    {
        Folder = folder;
        Config = config;
        Digest = digest;
        _store = store;
        _shapes = ModuleShapes.Of(config);
        _schemes = config.Quantization is { } quantization ? new LayerSchemes(quantization) : null;
    }

    /// <summary>Gets the folder.</summary>
    public string Folder { get; }

    /// <summary>Gets the configuration.</summary>
    public ModelConfig Config { get; }

    /// <summary>
    /// Gets the SHA-256, hex, over configuration, index, the headers of the weight files and a few blocks of each: changes when the model
    /// does.
    /// </summary>
    public string Digest { get; }

    /// <summary>
    /// Gets the SHA-256, hex, over <see cref="Digest"/> and the time of the last write to each weight file: changes whenever a file was written,
    /// also where the digest's blocks miss what changed. To hash all of the weights would take as long as to load them.
    /// </summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(
        [.. Convert.FromHexString(Digest), .. _store.Files.SelectMany(file => BitConverter.GetBytes(file.LastWrite.Ticks))]));

    /// <summary>Gets the size of the weight files in bytes.</summary>
    public long TotalBytes => _store.Files.Sum(file => file.Length);

    /// <summary>Gets the bytes of the tensors that something has asked for: while a model loads, how far that has come.</summary>
    public long OpenedBytes => _store.Tensors.Sum(tensor => tensor.Opened ? tensor.Length : 0);

    /// <summary>Gets every tensor of the files under its own name, for tools that copy them.</summary>
    public IReadOnlyList<StoredTensor> Tensors => _store.Tensors;

    /// <summary>Gets the names, as in the files, of tensors that nothing has asked for yet: what loading has left over.</summary>
    public IReadOnlyList<string> UnreadTensors => [.. _store.Tensors.Where(tensor => !tensor.Opened).Select(tensor => tensor.Name)];

    /// <summary>Gets the canonical names and shapes [N, K] of all weight matrices; a tied head is not among them.</summary>
    public IReadOnlyDictionary<string, (int Outputs, int Inputs)> Matrices => _shapes;

    /// <summary>Opens a folder. Only configuration and headers are read.</summary>
    /// <exception cref="CheckpointException">A file is missing, damaged, or asks for what Dray would compute wrongly.</exception>
    public static Checkpoint Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new CheckpointException($"{folder}: the checkpoint's folder does not exist.");

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var config = ModelConfig.Load(folder, hash.AppendData);
        var store = TensorStore.Open(folder, hash.AppendData);
        try
        {
            foreach (var file in store.Files)
                AppendFile(hash, file);
            return new Checkpoint(folder, config, store, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a tensor of this canonical name, such as <c>language_model.lm_head.weight</c>.</summary>
    public bool Has(string tensor) => _store.Find(tensor) is not null;

    /// <summary>
    /// A weight matrix [N, K]: quantized where the file has <c>.qweight</c>, else dense. The patch convolution [hidden, 3, p, p] is
    /// [hidden, 3·p·p]; a tied <c>language_model.lm_head</c> is the embedding table.
    /// </summary>
    /// <param name="module">Canonical name.</param>
    /// <exception cref="CheckpointException">The matrix is missing, or has another shape or type than the configuration says.</exception>
    public LinearSource Linear(string module)
    {
        if (module == ModuleNames.Head && Config.Text.TiedEmbeddings) return Embedding(ModuleNames.Embedding);
        if (!_shapes.TryGetValue(module, out var shape))
            throw new CheckpointException($"{Folder}: a model of this configuration has no weight matrix {module}.");
        if (_store.Find(module + ".bias") is { } bias)
            throw new CheckpointException($"{bias.Described} is a bias, and Dray's linear layers have none.");

        var codes = _store.Find(module + ".qweight");
        var weight = _store.Find(module + ".weight");
        if (codes is not null && weight is not null)
            throw new CheckpointException($"{codes.Described} and {weight.Name} are two weights of one layer; expected one of them.");
        if (codes is not null) return Quantized(module, shape.Outputs, shape.Inputs, codes);
        return Dense(module, shape.Outputs, shape.Inputs, weight ?? throw Missing(module + ".weight"));
    }

    /// <summary>The embedding table [vocabulary, hidden].</summary>
    /// <param name="module">Canonical name, <c>language_model.model.embed_tokens</c>.</param>
    /// <exception cref="CheckpointException">
    /// The table is missing, quantized, or has another shape or type than the configuration says.
    /// </exception>
    public DenseLinear Embedding(string module)
    {
        if (!_shapes.TryGetValue(module, out var shape))
            throw new CheckpointException($"{Folder}: a model of this configuration has no embedding {module}.");
        if (_store.Find(module + ".qweight") is { } codes)
            throw new CheckpointException($"{codes.Described} is quantized; expected an embedding in bf16, fp16 or fp32.");
        return Dense(module, shape.Outputs, shape.Inputs, _store.Find(module + ".weight") ?? throw Missing(module + ".weight"));
    }

    /// <summary>The <c>.weight</c> of a normalisation, widened to float32.</summary>
    /// <param name="module">Canonical name, such as <c>language_model.model.norm</c>.</param>
    /// <param name="length">How many values it must have.</param>
    /// <exception cref="CheckpointException">It is missing, or has another shape or type.</exception>
    public float[] Vector(string module, int length)
    {
        var tensor = _store.Find(module + ".weight") ?? throw Missing(module + ".weight");
        if (_store.Find(module + ".bias") is { } bias)
            throw new CheckpointException($"{bias.Described} is a bias, and Dray's normalisations have none.");
        if (tensor.Shape.Count != 1 || tensor.Shape[0] != length)
            throw new CheckpointException($"{tensor.Described} has shape {tensor.ShapeText}, expected [{length}].");

        var type = FloatType(tensor);
        tensor.Opened = true;
        var bytes = new byte[tensor.Length];
        tensor.Read(0, bytes);
        var values = new float[length];
        Widening.ToSingle(type, bytes, values);
        return values;
    }

    /// <summary>Unmaps the files; matrices that were handed out can't be read any more.</summary>
    public void Dispose() => _store.Dispose();

    /// <summary>The tensor of a canonical name, such as <c>language_model.lm_head.weight</c>, for tools that write checkpoints; null where there is none.</summary>
    internal StoredTensor? Find(string tensor) => _store.Find(tensor);

    private static void AppendFile(IncrementalHash hash, SafetensorsFile file)
    {
        hash.AppendData(BitConverter.GetBytes(file.Length));
        hash.AppendData(file.Header);

        // Two exports of one model have the same headers; blocks of their weights tell them apart.
        for (var sample = 0; sample < SamplesPerFile; sample++)
            hash.AppendData(file.Slice((long)((Int128)file.Length * sample / SamplesPerFile), SampleBytes));
        file.ReleasePages();
    }

    private static DataType FloatType(StoredTensor tensor) => tensor.DataType is DataType.BFloat16 or DataType.Float16 or DataType.Float32
        ? tensor.DataType.Value
        : throw new CheckpointException($"{tensor.Described} has dtype {tensor.TypeName}, expected BF16, F16 or F32.");

    private static StoredLinear Dense(string module, int outputs, int inputs, StoredTensor tensor)
    {
        var isMatrix = tensor.Shape is [_, _] || (tensor.Shape is [_, _, _, _] && module == ModuleNames.VisionTower + "patch_conv");
        if (!isMatrix || tensor.Shape[0] != outputs || tensor.Shape.Skip(1).Aggregate(1L, (product, size) => product * size) != inputs)
        {
            throw new CheckpointException(
                $"{tensor.Described} has shape {tensor.ShapeText}, expected [{outputs}, {inputs}] by the configuration.");
        }

        var type = FloatType(tensor);
        tensor.Opened = true;
        return new StoredLinear(module, outputs, inputs, tensor, type);
    }

    private PackedLinear Quantized(string module, int outputs, int inputs, StoredTensor codes)
    {
        var config = Config.Quantization ?? throw new CheckpointException(
            $"{codes.Described} is quantized, but config.json has no quantization_config.");
        return QuantizedLayerReader.Read(_store, config, _schemes!.Of(module), module, outputs, inputs, codes);
    }

    private CheckpointException Missing(string tensor) =>
        new($"{Folder}: tensor {tensor} is missing (also under the other names that checkpoints use for it).");
}
