using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Tokenizers;
using Dray.Inference.Vision;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Mistral's Tekken: byte-level BPE over a tekken.json. Special tokens come first, so that a token's id is its rank plus
/// <see cref="SpecialCount"/>. Safe for use by several threads.
/// </summary>
public sealed class TekkenTokenizer
{
    /// <summary>
    /// The longest piece, in UTF-16 units, that the library merges. Its merge takes time in the square of a piece's length: without
    /// blanks, 20 kB went at 0.35 MB/s and 200 kB at 0.04.
    /// </summary>
    private const int LibraryPieceLength = 256;

    private readonly SpecialTokens _specials;
    private readonly TokenTable _table;
    private readonly ITextSplitter _splitter;
    private readonly Task<TiktokenTokenizer> _library;
    private readonly PieceCache _cache = new();

    private TekkenTokenizer(TekkenVersion version, SpecialTokens specials, TokenTable table, string pattern, ITextSplitter splitter)
    {
        _specials = specials;
        _table = table;
        _splitter = splitter;
        Version = version;
        Pattern = pattern;
        // The library takes longer to index the vocabulary than reading the file does; nobody has to wait for it before encoding.
        _library = Task.Run(() => TiktokenTokenizer.Create(RankLines(table), preTokenizer: null, normalizer: null));
        Bos = Special("<s>");
        Eos = Special("</s>");
    }

    /// <summary>Gets the version, which decides how a chat is written.</summary>
    public TekkenVersion Version { get; }

    /// <summary>Gets the pattern that text is cut by before bytes merge.</summary>
    public string Pattern { get; }

    /// <summary>Gets what differs from the file's intent, as a whole sentence, or null.</summary>
    public string? Note { get; private init; }

    /// <summary>Gets how pictures become tokens, or null for a tokenizer without pictures.</summary>
    public ImageSpec? Image { get; private init; }

    /// <summary>Gets the number of ids, special tokens included.</summary>
    public int VocabularySize => _specials.Count + _table.Count;

    /// <summary>Gets the number of special tokens, which have the lowest ids.</summary>
    public int SpecialCount => _specials.Count;

    /// <summary>Gets the id of the token that starts a prompt.</summary>
    public int Bos { get; }

    /// <summary>Gets the id of the token that ends an answer.</summary>
    public int Eos { get; }

    /// <summary>Gets the length of the longest token that isn't special, in bytes.</summary>
    public int LongestTokenBytes => _table.LongestLength;

    /// <summary>Reads a tekken.json of version v3, v7, v11 or v13, at most 64 MB.</summary>
    /// <exception cref="TokenizerException">The file can't be used; the message names the key.</exception>
    public static TekkenTokenizer Load(string tekkenJsonPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(tekkenJsonPath);
        var file = TekkenFileReader.Read(tekkenJsonPath);
        var version = TekkenChecks.Version(tekkenJsonPath, file);
        var (vocabularySize, specialCount) = TekkenChecks.Sizes(tekkenJsonPath, file);
        var specials = SpecialTokens.Build(tekkenJsonPath, file, version, specialCount);
        var image = TekkenChecks.Image(tekkenJsonPath, file, version);
        specials.RequireChatTokens(tekkenJsonPath, version, image is not null);
        var table = TekkenChecks.Table(tekkenJsonPath, file, vocabularySize - specialCount);
        var splitter = TekkenChecks.Splitter(tekkenJsonPath, file);
        return new TekkenTokenizer(version, specials, table, file.Pattern!, splitter)
        {
            Image = image,
            Note = splitter is RegexSplitter
                ? $"The pre-tokenizer pattern of '{tekkenJsonPath}' isn't one of those built in; it is matched by .NET's regular " +
                  "expressions, which don't see letters beyond U+FFFF as letters."
                : null,
        };
    }

    /// <summary>The id of a special token by its name, such as <c>[INST]</c>.</summary>
    /// <exception cref="ArgumentException">There is no such token.</exception>
    public int Special(string name) => TryGetSpecial(name, out var id)
        ? id
        : throw new ArgumentException($"The tokenizer has no special token '{name}'.", nameof(name));

    /// <summary>The id of a special token by its name, where there is one.</summary>
    public bool TryGetSpecial(string name, out int id) => _specials.TryGetId(name, out id);

    /// <summary>Whether an id is a special token's.</summary>
    public bool IsSpecial(int id) => (uint)id < (uint)_specials.Count;

    /// <summary>The bytes of a token that isn't special; none for one that is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id isn't in the vocabulary.</exception>
    public ReadOnlyMemory<byte> TokenBytes(int id)
    {
        CheckId(id);
        return IsSpecial(id) ? ReadOnlyMemory<byte>.Empty : _table.Memory(id - _specials.Count);
    }

    /// <summary>The name of a special token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id isn't a special token's.</exception>
    public string SpecialName(int id)
    {
        if (!IsSpecial(id)) throw new ArgumentOutOfRangeException(nameof(id), id, "The id isn't a special token's.");
        return _specials[id];
    }

    /// <summary>The ids of a text. Never special ones: their names are plain characters here. Lone surrogates become U+FFFD.</summary>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        var ids = new List<int>((text.Length / 4) + 16);
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text to <paramref name="ids"/>.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (LoneSurrogates.IndexIn(text) >= 0) text = LoneSurrogates.Replace(text);
        for (var start = 0; start < text.Length;)
        {
            var end = _splitter.PieceEnd(text, start);
            EncodePiece(text[start..end], ids);
            start = end;
        }
    }

    /// <summary>
    /// The text of ids. Bytes that aren't UTF-8 become U+FFFD, one per maximal part; a special token ends the bytes before it even
    /// where it leaves no text.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An id isn't in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, SpecialTokenPolicy policy = SpecialTokenPolicy.Ignore)
    {
        var text = new StringBuilder(ids.Length * 4);
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, ids.Length * 4));
        foreach (var id in ids)
        {
            CheckId(id);
            if (!IsSpecial(id))
            {
                bytes.Write(_table[id - _specials.Count]);
                continue;
            }

            text.Append(Encoding.UTF8.GetString(bytes.WrittenSpan));
            bytes.ResetWrittenCount();
            if (policy == SpecialTokenPolicy.Keep) text.Append(_specials[id]);
        }

        return text.Append(Encoding.UTF8.GetString(bytes.WrittenSpan)).ToString();
    }

    /// <inheritdoc cref="Decode(ReadOnlySpan{int}, SpecialTokenPolicy)"/>
    public string Decode(IEnumerable<int> ids, SpecialTokenPolicy policy = SpecialTokenPolicy.Ignore) => Decode([.. ids], policy);

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (piece.Length > LibraryPieceLength)
        {
            EncodeLongPiece(piece, ids);
            return;
        }

        var slot = -1;
        if (piece.Length <= PieceCache.LongestPiece && _cache.TryGet(piece, out slot, out var known))
        {
            ids.AddRange(known);
            return;
        }

        var first = ids.Count;
        var ranks = _library.GetAwaiter().GetResult().EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false);
        for (var i = 0; i < ranks.Count; i++) ids.Add(ranks[i] + _specials.Count);
        if (slot >= 0) _cache.Add(slot, piece, CollectionsMarshal.AsSpan(ids)[first..]);
    }

    private void EncodeLongPiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(piece.Length));
        var length = Encoding.UTF8.GetBytes(piece, bytes);
        BytePairMerger.Merge(_table, bytes.AsSpan(0, length), ids, _specials.Count);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void CheckId(int id)
    {
        if ((uint)id >= (uint)VocabularySize)
            throw new ArgumentOutOfRangeException(nameof(id), id, $"The id isn't in the vocabulary of {VocabularySize} tokens.");
    }

    /// <summary>The vocabulary in the form the library reads: a line of base64 and rank per token.</summary>
    private static MemoryStream RankLines(TokenTable table)
    {
        var lines = new MemoryStream(table.Count * 16);
        Span<byte> number = stackalloc byte[12];
        for (var rank = 0; rank < table.Count; rank++)
        {
            var bytes = table[rank];
            var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
            Base64.EncodeToUtf8(bytes, encoded, out _, out var length);
            lines.Write(encoded, 0, length);
            lines.WriteByte((byte)' ');
            rank.TryFormat(number, out var digits, provider: CultureInfo.InvariantCulture);
            lines.Write(number[..digits]);
            lines.WriteByte((byte)'\n');
        }

        lines.Position = 0;
        return lines;
    }
}
