using System.Globalization;

namespace Dray.Inference.Tokenization;

/// <summary>The special tokens of a tokenizer: ids 0 to <see cref="Count"/> - 1, each with a name.</summary>
internal sealed class SpecialTokens
{
    /// <summary>The tokens of files older than the list in the file (up to v7), by id.</summary>
    private static readonly string[] Unlisted =
    [
        "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]",
        "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]",
        "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
    ];

    private readonly string[] _names;
    private readonly Dictionary<string, int> _ids;

    private SpecialTokens(string[] names, Dictionary<string, int> ids)
    {
        _names = names;
        _ids = ids;
    }

    public int Count => _names.Length;

    public string this[int id] => _names[id];

    public bool TryGetId(string name, out int id) => _ids.TryGetValue(name, out id);

    /// <summary>Puts the listed tokens at their ranks and fills up with <c>&lt;SPECIAL_n&gt;</c>.</summary>
    /// <exception cref="TokenizerException">Names or ranks are given twice, left out, or too many.</exception>
    public static SpecialTokens Build(string path, TekkenFile file, TekkenVersion version, int count)
    {
        if (file.SpecialTokens is null && version > TekkenVersion.V7)
            throw new TokenizerException(path, "special_tokens", "a list, for version v11 and later", "missing");
        var listed = file.SpecialTokens ?? [.. Unlisted.Select((name, rank) => (rank, name))];
        if (listed.Count > count)
        {
            throw new TokenizerException(
                path, "special_tokens", $"at most default_num_special_tokens ({count}) long", $"{listed.Count} long");
        }

        var names = new string[count];
        var ids = new Dictionary<string, int>(count, StringComparer.Ordinal);
        for (var i = 0; i < listed.Count; i++)
        {
            var (rank, name) = listed[i];
            var key = $"special_tokens[{i}]";
            if (rank < 0 || rank >= listed.Count || names[rank] is not null)
            {
                throw new TokenizerException(
                    path, $"{key}.rank", $"below {listed.Count} and used once", rank.ToString(CultureInfo.InvariantCulture));
            }

            if (!ids.TryAdd(name, rank)) throw new TokenizerException(path, $"{key}.token_str", "unique", $"'{name}' once more");
            names[rank] = name;
        }

        for (var rank = listed.Count; rank < count; rank++)
        {
            names[rank] = $"<SPECIAL_{rank.ToString(CultureInfo.InvariantCulture)}>";
            if (!ids.TryAdd(names[rank], rank))
                throw new TokenizerException(path, "special_tokens", "free of names of fillers", $"with '{names[rank]}'");
        }

        return new SpecialTokens(names, ids);
    }

    /// <summary>Checks that the tokens a chat of this version consists of are there.</summary>
    public void RequireChatTokens(string path, TekkenVersion version, bool images)
    {
        List<string> required =
        [
            "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]",
            "[TOOL_CALLS]",
        ];
        if (version >= TekkenVersion.V7) required.AddRange(["[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]"]);
        if (version >= TekkenVersion.V11) required.AddRange(["[ARGS]", "[CALL_ID]"]);
        if (images) required.AddRange(["[IMG]", "[IMG_BREAK]", "[IMG_END]"]);
        foreach (var name in required)
        {
            if (_ids.ContainsKey(name)) continue;
            throw new TokenizerException(
                path, "special_tokens", $"with '{name}', which a chat of version {version} needs", "without it");
        }
    }
}
