using Dray.Inference.Compute.Cpu;
using Iced.Intel;

namespace Dray.Inference.Tests.Compute.Cpu.Assembly;

/// <summary>Runs assembled routines instruction by instruction, also those that this processor lacks.</summary>
internal sealed unsafe class InterpretedCode : ICodeHost
{
    private readonly Dictionary<ulong, Instruction>[] _routines;
    private int _calls;

    public InterpretedCode(IReadOnlyList<byte[]> routines) => _routines = [.. routines.Select(Decode)];

    /// <summary>Gets how many routines were run that use tiles.</summary>
    public int TileCalls => _calls;

    public void Call(int routine, AssembledTileArguments* arguments)
    {
        var processor = new InterpretedProcessor();
        processor.Run(_routines[routine], arguments);
        if (processor.UsedTiles) Interlocked.Increment(ref _calls);
    }

    public void Dispose()
    {
    }

    private static Dictionary<ulong, Instruction> Decode(byte[] routine)
    {
        var decoder = Decoder.Create(64, routine, 0);
        var instructions = new Dictionary<ulong, Instruction>();
        while (decoder.IP < (ulong)routine.Length)
        {
            var instruction = decoder.Decode();
            instruction.IsInvalid.ShouldBeFalse();
            instructions[instruction.IP] = instruction;
        }

        return instructions;
    }
}
