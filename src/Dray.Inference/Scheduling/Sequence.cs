using System.Runtime.InteropServices;
using Dray.Inference.Models;

namespace Dray.Inference.Scheduling;

/// <summary>
/// One answer in the making: its tokens, how many of them are in the KV cache, and where. The scheduler sees its counts and blocks, the
/// model runner its tokens and pictures.
/// </summary>
internal sealed class Sequence(int[] promptIds, IReadOnlyList<PromptImage> images)
{
    private readonly List<int> _ids = [.. promptIds];
    private readonly List<int> _blocks = [];

    /// <summary>Gets the tokens of the prompt.</summary>
    public int PromptTokens { get; } = promptIds.Length;

    /// <summary>Gets all tokens so far, prompt and answer.</summary>
    public int Tokens => _ids.Count;

    /// <summary>Gets the pictures in the prompt, in order.</summary>
    public IReadOnlyList<PromptImage> Images { get; } = images;

    /// <summary>Gets the tokens whose keys and values are in the cache.</summary>
    public int ComputedTokens { get; private set; }

    /// <summary>Gets the token ids, prompt and answer.</summary>
    public ReadOnlySpan<int> Ids => CollectionsMarshal.AsSpan(_ids);

    /// <summary>Gets the generated token ids.</summary>
    public ReadOnlySpan<int> OutputIds => Ids[PromptTokens..];

    /// <summary>Gets the blocks held, in the order of the tokens in them.</summary>
    public ReadOnlySpan<int> Blocks => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>Adds a generated token.</summary>
    public void Append(int id) => _ids.Add(id);

    /// <summary>Notes that the next <paramref name="tokens"/> tokens went through the model.</summary>
    public void Advance(int tokens) => ComputedTokens += tokens;

    /// <summary>Takes blocks until <paramref name="tokens"/> tokens have a place; false, and no fewer blocks than before, when the pool is empty.</summary>
    public bool TryReserve(int tokens, BlockPool pool)
    {
        while (_blocks.Count * Compute.KvCache.BlockTokens < tokens)
        {
            if (!pool.TryTake(out var block)) return false;
            _blocks.Add(block);
        }

        return true;
    }

    /// <summary>Gives all blocks and embeddings back; what was computed is forgotten.</summary>
    public void Release(BlockPool pool)
    {
        foreach (var image in Images) image.Release();
        foreach (var block in _blocks) pool.Return(block);
        _blocks.Clear();
        ComputedTokens = 0;
    }
}
