namespace Dray.Inference.Ilgpu.Tests.TensorCores;

/// <summary>A PTX instruction.</summary>
/// <param name="Name">Mnemonic with its modifiers.</param>
/// <param name="Parts">The same, split at the dots.</param>
/// <param name="Operands">Operands in order.</param>
/// <param name="Guard">The predicate register that it depends on, or -1.</param>
/// <param name="Negated">Whether the predicate must be false.</param>
/// <param name="Target">Where a branch goes.</param>
internal sealed record PtxInstruction(string Name, string[] Parts, PtxOperand[] Operands, int Guard, bool Negated, int Target)
{
    /// <summary>Gets whether all lanes of a warp execute it together.</summary>
    public bool IsWarpWide => Parts[0] is "mma" or "ldmatrix";

    /// <summary>Gets whether all threads of a group execute it together.</summary>
    public bool IsGroupWide => Parts[0] == "bar";
}
