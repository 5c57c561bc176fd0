using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dray.Inference.Compute;
using Dray.Inference.Models;

namespace Dray.Inference.Scheduling;

/// <summary>
/// One answer in the making: its tokens, how many of them are in the KV cache, and where. The scheduler sees its counts and blocks, the
/// model runner its tokens and pictures.
/// </summary>
/// <param name="promptIds">The prompt.</param>
/// <param name="images">The pictures in the prompt, in order.</param>
/// <param name="root">What its block hashes begin with; null keeps its blocks out of the prefix cache.</param>
internal sealed class Sequence(int[] promptIds, IReadOnlyList<PromptImage> images, BlockHash? root = null)
{
    private readonly List<int> _ids = [.. promptIds];
    private readonly List<int> _blocks = [];
    private readonly List<BlockHash> _hashes = [];

    /// <summary>Gets how urgent it is.</summary>
    public RequestPriority Priority { get; init; }

    /// <summary>Gets whether the logits at the prompt's positions are asked for, so that no part of it may come from the cache.</summary>
    public bool ReadsPrompt { get; init; }

    /// <summary>Sets how many tokens it may have in the end, so that it grows without moving. A hint: more is possible.</summary>
    public int Capacity
    {
        init
        {
            _ids.EnsureCapacity(value);
            _blocks.EnsureCapacity(KvCache.BlocksOf(value));
            _hashes.EnsureCapacity(KvCache.BlocksOf(value));
        }
    }

    /// <summary>Gets or sets its place in the order of arrival.</summary>
    public long Arrival { get; set; }

    /// <summary>Gets the tokens of the prompt.</summary>
    public int PromptTokens { get; } = promptIds.Length;

    /// <summary>Gets the pictures in the prompt, in order.</summary>
    public IReadOnlyList<PromptImage> Images { get; } = images;

    /// <summary>Gets all tokens so far, prompt and answer.</summary>
    public int Tokens => _ids.Count;

    /// <summary>Gets the tokens whose keys and values are in the cache.</summary>
    public int ComputedTokens { get; private set; }

    /// <summary>Gets the tokens that the model has not seen yet.</summary>
    public int PendingTokens => Tokens - ComputedTokens;

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

    /// <summary>
    /// Takes over the blocks of others that hold the same beginning, for a sequence that has none. At least its last token is left to
    /// compute, for its logits.
    /// </summary>
    /// <returns>The tokens found.</returns>
    public int Share(BlockPool pool)
    {
        if (root is null || ReadsPrompt) return 0;
        for (var i = 0; (i + 1) * KvCache.BlockTokens < Tokens; i++)
        {
            if (!pool.TryShare(Hash(i), out var block)) break;
            _blocks.Add(block);
        }

        return ComputedTokens = _blocks.Count * KvCache.BlockTokens;
    }

    /// <summary>Takes blocks until <paramref name="tokens"/> tokens have a place; false when the pool is empty.</summary>
    public bool TryReserve(int tokens, BlockPool pool)
    {
        while (_blocks.Count * KvCache.BlockTokens < tokens)
        {
            if (!pool.TryTake(out var block)) return false;
            _blocks.Add(block);
        }

        return true;
    }

    /// <summary>
    /// Offers the blocks that the next <paramref name="tokens"/> tokens fill to others. That may be done before the step: within a layer the
    /// keys and values of all tokens of the step are written before any is read.
    /// </summary>
    public void Offer(int tokens, BlockPool pool)
    {
        if (root is null) return;
        for (var i = ComputedTokens / KvCache.BlockTokens; (i + 1) * KvCache.BlockTokens <= ComputedTokens + tokens; i++)
            pool.Name(_blocks[i], Hash(i));
    }

    /// <summary>Gives all blocks and embeddings back; what was computed is forgotten.</summary>
    public void Release(BlockPool pool)
    {
        foreach (var image in Images) image.Release();

        // From the last to the first: the beginning, which others may share, is to be kept longest.
        for (var i = _blocks.Count - 1; i >= 0; i--) pool.Return(_blocks[i]);
        _blocks.Clear();
        ComputedTokens = 0;
    }

    private BlockHash Hash(int index)
    {
        while (_hashes.Count <= index)
        {
            var first = _hashes.Count * KvCache.BlockTokens;
            var previous = _hashes.Count == 0 ? root!.Value : _hashes[^1];
            _hashes.Add(BlockHash.After(previous, Ids.Slice(first, KvCache.BlockTokens), PicturesIn(first)));
        }

        return _hashes[index];
    }

    /// <summary>Picture tokens all have one id, so a block with some is named by the picture's content and its place in it, too.</summary>
    private byte[] PicturesIn(int first)
    {
        if (Images.Count == 0) return [];
        var key = new List<byte>();
        Span<byte> place = stackalloc byte[sizeof(int)];
        foreach (var image in Images)
        {
            if (!image.Overlaps(first, first + KvCache.BlockTokens)) continue;
            key.AddRange(image.ContentHash.Span);
            BinaryPrimitives.WriteInt32LittleEndian(place, first - image.FirstToken);
            key.AddRange(place);
        }

        return [.. key];
    }
}
