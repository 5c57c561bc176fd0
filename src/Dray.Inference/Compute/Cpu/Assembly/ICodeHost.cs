namespace Dray.Inference.Compute.Cpu;

/// <summary>What runs assembled routines.</summary>
internal unsafe interface ICodeHost : IDisposable
{
    /// <summary>Runs one.</summary>
    /// <param name="routine">Its index in the order in which they were handed over.</param>
    /// <param name="arguments">What it reads and writes.</param>
    void Call(int routine, AssembledTileArguments* arguments);
}
