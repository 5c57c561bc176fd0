namespace Dray.Inference.Checkpoints;

/// <summary>
/// The names of modules and tensors. Canonical are those of the published checkpoints (<c>language_model.model.layers.N…</c>,
/// <c>language_model.lm_head</c>, <c>vision_tower…</c>, <c>multi_modal_projector…</c>). Files made with transformers 4.5x have
/// <c>model.language_model.layers.N…</c>, <c>lm_head</c>, <c>model.vision_tower…</c>; models of text alone have <c>model.layers.N…</c>.
/// </summary>
internal static class ModuleNames
{
    public const string Decoder = "language_model.model.";
    public const string Head = "language_model.lm_head";
    public const string Embedding = "language_model.model.embed_tokens";
    public const string FinalNorm = "language_model.model.norm";
    public const string VisionTower = "vision_tower.";
    public const string Projector = "multi_modal_projector.";

    private static readonly (string Found, string Canonical)[] Prefixes =
    [
        ("model.language_model.", Decoder),
        ("model.vision_tower.", VisionTower),
        ("model.multi_modal_projector.", Projector),
        ("lm_head", Head),
        ("model.", Decoder),
    ];

    /// <summary>The canonical form of a name from a file or a configuration.</summary>
    public static string Canonical(string name)
    {
        foreach (var (found, canonical) in Prefixes)
        {
            if (name.StartsWith(found, StringComparison.Ordinal)) return canonical + name[found.Length..];
        }

        return name;
    }

    /// <summary>Every name that a configuration may use for a canonical module.</summary>
    public static IEnumerable<string> Aliases(string canonical)
    {
        yield return canonical;
        foreach (var (found, prefix) in Prefixes)
        {
            if (canonical.StartsWith(prefix, StringComparison.Ordinal)) yield return found + canonical[prefix.Length..];
        }
    }
}
