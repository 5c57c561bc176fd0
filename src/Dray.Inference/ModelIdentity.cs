namespace Dray.Inference;

/// <summary>What an engine has loaded.</summary>
/// <param name="Name">Folder name of the checkpoint, what responses carry when no served name is configured.</param>
/// <param name="Digest">SHA-256, hex, over the checkpoint's headers and configuration: changes when the model does.</param>
/// <param name="Backend">Name of the compute backend, such as <c>cpu-avx512</c>.</param>
/// <param name="ContextLength">The most tokens a sequence can have, prompt and answer together.</param>
public sealed record ModelIdentity(string Name, string Digest, string Backend, int ContextLength);
