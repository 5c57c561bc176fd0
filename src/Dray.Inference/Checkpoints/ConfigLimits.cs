namespace Dray.Inference.Checkpoints;

/// <summary>The largest numbers that a configuration may hold: an order of magnitude above every published model.</summary>
internal static class ConfigLimits
{
    public const int Width = 1 << 17;
    public const int InnerWidth = 1 << 20;
    public const int Layers = 1024;
    public const int Heads = 4096;
    public const int HeadDim = 1024;
    public const int Vocabulary = 1 << 22;
    public const int Context = 1 << 24;
    public const int PatchSize = 256;
    public const int ImageSize = 1 << 14;
    public const int MergeSize = 16;
    public const double RopeTheta = 1e15;
    public const double Epsilon = 0.1;
}
