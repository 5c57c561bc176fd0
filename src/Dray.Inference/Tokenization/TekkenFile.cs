namespace Dray.Inference.Tokenization;

/// <summary>What a tekken.json says, before it is judged.</summary>
internal sealed class TekkenFile
{
    public string? Pattern { get; set; }

    public string? Version { get; set; }

    public int? VocabularySize { get; set; }

    public int? SpecialCount { get; set; }

    /// <summary>Gets or sets the byte sequences of all vocabulary entries, one after the other.</summary>
    public byte[] TokenBytes { get; set; } = [];

    /// <summary>Gets or sets where each entry ends in <see cref="TokenBytes"/>; null when the file has no vocabulary.</summary>
    public List<int>? TokenEnds { get; set; }

    /// <summary>Gets or sets the ranks as written.</summary>
    public List<int> Ranks { get; set; } = [];

    /// <summary>Gets or sets the special tokens as written; null when the file has none.</summary>
    public List<(int Rank, string Text)>? SpecialTokens { get; set; }

    /// <summary>Gets or sets the key of the section about pictures, <c>image</c> or <c>multimodal</c>; null when there is none.</summary>
    public string? ImageKey { get; set; }

    public int? ImagePatchSize { get; set; }

    public int? ImageMaxSize { get; set; }

    public int? ImageMergeSize { get; set; }
}
