namespace Dray.Inference.Checkpoints;

/// <summary>
/// The tensors of a checkpoint folder by name: one <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> lists.
/// </summary>
internal sealed class TensorStore : IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";
    private const int LongestIndex = 100_000_000;

    private readonly List<SafetensorsFile> _files = [];
    private readonly List<StoredTensor> _tensors = [];
    private readonly Dictionary<string, StoredTensor> _byCanonicalName = new(StringComparer.Ordinal);

    private TensorStore()
    {
    }

    /// <summary>Gets the files, in the order of their names.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>Gets all tensors, file by file, in the order of their names.</summary>
    public IReadOnlyList<StoredTensor> Tensors => _tensors;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="hash">Receives the bytes of the index, where there is one.</param>
    public static TensorStore Open(string folder, Action<byte[]> hash)
    {
        var store = new TensorStore();
        try
        {
            var single = Path.Combine(folder, SingleFile);
            var index = Path.Combine(folder, IndexFile);
            if (File.Exists(single))
            {
                var file = store.Add(single);
                store.Register(file.Tensors.Values);
            }
            else if (File.Exists(index))
            {
                var map = ConfigSection.Load(index, out var bytes, LongestIndex);
                hash(bytes);
                store.AddShards(folder, map);
            }
            else
            {
                throw new CheckpointException($"{folder}: there is neither a {SingleFile} nor a {IndexFile}.");
            }

            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of a canonical name, or null.</summary>
    public StoredTensor? Find(string canonical) => _byCanonicalName.GetValueOrDefault(canonical);

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void AddShards(string folder, ConfigSection index)
    {
        var map = index.Section("weight_map") ?? throw index.Refuse("weight_map", "an object that maps tensors to files");
        var shardOf = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in map.Keys())
        {
            var shard = map.Text(name);
            if (shard.Length == 0 || shard[0] == '.' || shard.AsSpan().ContainsAny('/', '\\') || Path.GetFileName(shard) != shard)
                throw map.Refuse(name, "a plain file name inside the checkpoint's folder");
            shardOf.Add(name, shard);
        }

        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (var shard in shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            files.Add(shard, Add(Path.Combine(folder, shard)));

        // A tensor of a shard that the index does not list, or lists elsewhere, stays unregistered and is reported as unread.
        Register(shardOf.Select(entry => files[entry.Value].Tensors.GetValueOrDefault(entry.Key) ?? throw new CheckpointException(
            $"{IndexFile}: tensor {CheckpointException.Excerpt(entry.Key)} should be in {entry.Value}, but that file does not have it.")));
    }

    private SafetensorsFile Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        _tensors.AddRange(file.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal));
        return file;
    }

    private void Register(IEnumerable<StoredTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            var canonical = ModuleNames.Canonical(tensor.Name);
            if (_byCanonicalName.TryGetValue(canonical, out var other))
            {
                throw new CheckpointException(
                    $"{tensor.Shard}: tensors {CheckpointException.Excerpt(other.Name)} and {CheckpointException.Excerpt(tensor.Name)} " +
                    $"are two names of {CheckpointException.Excerpt(canonical)}.");
            }

            _byCanonicalName.Add(canonical, tensor);
        }
    }
}
