using System.Runtime.InteropServices;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Iced.Intel;

namespace Dray.Inference.Tests.Compute.Cpu.Assembly;

/// <summary>
/// The subset of an x86-64 processor with AVX-512 and AMX that assembled kernels use, instruction by instruction as Intel's Software
/// Developer's Manual defines them. Memory is this process's.
/// </summary>
internal sealed unsafe class InterpretedProcessor
{
    private const int Lanes = 16;
    private const int StackBytes = 4096;
    private const ulong Sentinel = 0x5EED_0000_0000_0000;

    private readonly Dictionary<Register, ulong> _registers = [];
    private readonly uint[][] _vectors = [.. Enumerable.Range(0, 32).Select(_ => new uint[Lanes])];
    private readonly InterpretedTiles _tiles = new();
    private bool _isZero;
    private bool _isBelow;
    private bool _isLess;

    /// <summary>Gets whether the routine has used tiles.</summary>
    public bool UsedTiles => _tiles.WasConfigured;

    // What the callee gives back: the same registers for both conventions, which the kernels do.
    private static Register[] Kept => OperatingSystem.IsWindows()
        ? [Register.RBX, Register.RBP, Register.RSI, Register.RDI, Register.R12, Register.R13, Register.R14, Register.R15]
        : [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15];

    /// <summary>Runs a routine to its return.</summary>
    /// <exception cref="InvalidOperationException">It doesn't give back what the caller wants, or does what would fault.</exception>
    public void Run(Dictionary<ulong, Instruction> routine, void* arguments)
    {
        var stack = (byte*)NativeMemory.AlignedAlloc(StackBytes, 64);
        try
        {
            foreach (var register in Kept) _registers[register] = Sentinel + (ulong)register;
            var top = (ulong)(stack + StackBytes);
            _registers[Register.RSP] = top;
            _registers[OperatingSystem.IsWindows() ? Register.RCX : Register.RDI] = (ulong)arguments;
            var instruction = routine[0];
            while (instruction.Mnemonic != Mnemonic.Ret) instruction = routine[Step(instruction)];
            if (_registers[Register.RSP] != top || _tiles.IsConfigured || Kept.Any(register => _registers[register] != Sentinel + (ulong)register))
                throw new InvalidOperationException("The routine doesn't give back the registers, the stack or the tiles.");
        }
        finally
        {
            NativeMemory.AlignedFree(stack);
        }
    }

    private static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>Does one instruction and returns the address of the next.</summary>
    private ulong Step(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Je: return _isZero ? instruction.NearBranchTarget : instruction.NextIP;
            case Mnemonic.Jne: return _isZero ? instruction.NextIP : instruction.NearBranchTarget;
            case Mnemonic.Jb: return _isBelow ? instruction.NearBranchTarget : instruction.NextIP;
            case Mnemonic.Jae: return _isBelow ? instruction.NextIP : instruction.NearBranchTarget;
            case Mnemonic.Jl: return _isLess ? instruction.NearBranchTarget : instruction.NextIP;
            case Mnemonic.Jge: return _isLess ? instruction.NextIP : instruction.NearBranchTarget;
            case Mnemonic.Jg: return _isLess || _isZero ? instruction.NextIP : instruction.NearBranchTarget;
            case Mnemonic.Jle: return _isLess || _isZero ? instruction.NearBranchTarget : instruction.NextIP;
            case Mnemonic.Jmp: return instruction.NearBranchTarget;
            case Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Prefetchnta or Mnemonic.Nop: break;
            default:
                if (!Scalar(instruction) && !Tile(instruction) && !Vector(instruction))
                    throw new NotSupportedException($"The interpreter doesn't know {instruction}.");
                break;
        }

        return instruction.NextIP;
    }

    private bool Scalar(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Mov: Write(instruction, Read(instruction, 1)); break;
            case Mnemonic.Lea: Write(instruction, (ulong)Address(instruction)); break;
            case Mnemonic.Add: Write(instruction, Flag(Read(instruction, 0) + Read(instruction, 1))); break;
            case Mnemonic.Inc: Write(instruction, Flag(Read(instruction, 0) + 1)); break;
            case Mnemonic.Dec: Write(instruction, Flag(Read(instruction, 0) - 1)); break;
            case Mnemonic.And: Write(instruction, Flag(Read(instruction, 0) & Read(instruction, 1))); break;
            case Mnemonic.Xor: Write(instruction, Flag(Read(instruction, 0) ^ Read(instruction, 1))); break;
            case Mnemonic.Test: Flag(Read(instruction, 0) & Read(instruction, 1)); break;
            case Mnemonic.Cmp: Compare(Read(instruction, 0), Read(instruction, 1)); break;
            case Mnemonic.Sub:
                var difference = Read(instruction, 0) - Read(instruction, 1);
                Compare(Read(instruction, 0), Read(instruction, 1));
                Write(instruction, difference);
                break;
            case Mnemonic.Shl: Write(instruction, Flag(Read(instruction, 0) << (int)Read(instruction, 1))); break;
            case Mnemonic.Shr: Write(instruction, Flag(Read(instruction, 0) >> (int)Read(instruction, 1))); break;
            case Mnemonic.Imul when instruction.OpCount == 3: Write(instruction, Read(instruction, 1) * Read(instruction, 2)); break;
            case Mnemonic.Imul when instruction.OpCount == 2: Write(instruction, Read(instruction, 0) * Read(instruction, 1)); break;
            case Mnemonic.Push:
                _registers[Register.RSP] -= sizeof(ulong);
                *(ulong*)_registers[Register.RSP] = Read(instruction, 0);
                break;
            case Mnemonic.Pop:
                Write(instruction, *(ulong*)_registers[Register.RSP]);
                _registers[Register.RSP] += sizeof(ulong);
                break;
            default: return false;
        }

        return true;
    }

    private bool Tile(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Ldtilecfg: _tiles.Configure(Address(instruction)); break;
            case Mnemonic.Tilerelease: _tiles.Release(); break;
            case Mnemonic.Tilezero: _tiles.Zero(TileOf(instruction, 0)); break;
            case Mnemonic.Tileloadd: _tiles.Load(TileOf(instruction, 0), Base(instruction), Stride(instruction)); break;
            case Mnemonic.Tilestored: _tiles.Store(TileOf(instruction, 1), Base(instruction), Stride(instruction)); break;
            case Mnemonic.Tdpbssd or Mnemonic.Tdpbsud:
                _tiles.MultiplyBytes(TileOf(instruction, 0), TileOf(instruction, 1), TileOf(instruction, 2), instruction.Mnemonic == Mnemonic.Tdpbssd);
                break;
            case Mnemonic.Tdpbf16ps: _tiles.MultiplyBrainFloats(TileOf(instruction, 0), TileOf(instruction, 1), TileOf(instruction, 2)); break;
            default: return false;
        }

        return true;
    }

    private bool Vector(in Instruction instruction)
    {
        if (instruction.OpMask != Register.None) return false;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Vzeroupper:
                for (var i = 0; i < 16; i++) _vectors[i].AsSpan(4).Clear();
                break;
            case Mnemonic.Vmovups or Mnemonic.Vmovaps or Mnemonic.Vmovdqu32 or Mnemonic.Vmovdqa32 or Mnemonic.Vmovdqu64 or Mnemonic.Vmovdqa64
                or Mnemonic.Vmovntps or Mnemonic.Vmovntdq or Mnemonic.Vmovntdqa:
                Move(instruction);
                break;
            case Mnemonic.Vpbroadcastd or Mnemonic.Vbroadcastss: Set(instruction, BroadcastOf(instruction)); break;
            case Mnemonic.Vpxord or Mnemonic.Vpxorq: Each(instruction, (a, b) => a ^ b); break;
            case Mnemonic.Vpandd or Mnemonic.Vpandq: Each(instruction, (a, b) => a & b); break;
            case Mnemonic.Vpord or Mnemonic.Vporq: Each(instruction, (a, b) => a | b); break;
            case Mnemonic.Vpaddd: Each(instruction, (a, b) => a + b); break;
            case Mnemonic.Vpsubd: Each(instruction, (a, b) => a - b); break;
            case Mnemonic.Vpmulld: Each(instruction, (a, b) => a * b); break;
            case Mnemonic.Vaddps: Each(instruction, (a, b) => Bits(Float(a) + Float(b))); break;
            case Mnemonic.Vmulps: Each(instruction, (a, b) => Bits(Float(a) * Float(b))); break;
            case Mnemonic.Vpslld: Shift(instruction, (a, bits) => a << bits); break;
            case Mnemonic.Vpsrld: Shift(instruction, (a, bits) => a >> bits); break;
            case Mnemonic.Vcvtdq2ps: Set(instruction, [.. Source(instruction, 1).Select(a => Bits((int)a))]); break;
            case Mnemonic.Vcvtps2dq: Set(instruction, [.. Source(instruction, 1).Select(a => Whole(Float(a)))]); break;
            case Mnemonic.Vfmadd213ps: Each(instruction, (a, b, c) => Bits(MathF.FusedMultiplyAdd(Float(b), Float(a), Float(c)))); break;
            case Mnemonic.Vfmadd231ps: Each(instruction, (a, b, c) => Bits(MathF.FusedMultiplyAdd(Float(b), Float(c), Float(a)))); break;
            case Mnemonic.Vpdpbusd: Each(instruction, AddByteProducts); break;
            case Mnemonic.Vdpbf16ps: Each(instruction, AddBrainFloatProducts); break;
            default: return false;
        }

        return true;
    }

    private static uint AddByteProducts(uint sum, uint codes, uint inputs)
    {
        for (var i = 0; i < 32; i += 8) sum += (uint)((byte)(codes >> i) * (sbyte)(inputs >> i));
        return sum;
    }

    // The odd product first, each fused; denormals are zero.
    private static uint AddBrainFloatProducts(uint sum, uint left, uint right)
    {
        var odd = InterpretedTiles.FusedMultiplyAdd(Float(left & 0xFFFF0000), Float(right & 0xFFFF0000), Float(sum));
        return Bits(InterpretedTiles.FusedMultiplyAdd(Float(left << 16), Float(right << 16), odd));
    }

    private static uint Whole(float value)
    {
        var rounded = MathF.Round(value);
        return rounded is >= int.MinValue and < 2147483648f ? (uint)(int)rounded : 0x80000000;
    }

    private void Each(in Instruction instruction, Func<uint, uint, uint> function)
    {
        Set(instruction, [.. Source(instruction, 1).Zip(Source(instruction, 2), function)]);
    }

    private void Shift(in Instruction instruction, Func<uint, int, uint> function)
    {
        int bits = instruction.Immediate8;
        Set(instruction, [.. Source(instruction, 1).Select(a => function(a, bits))]);
    }

    private void Each(in Instruction instruction, Func<uint, uint, uint, uint> function)
    {
        var (a, b, c) = (Source(instruction, 0), Source(instruction, 1), Source(instruction, 2));
        Set(instruction, [.. Enumerable.Range(0, Lanes).Select(i => function(a[i], b[i], c[i]))]);
    }

    private void Move(in Instruction instruction)
    {
        var register = instruction.GetOpKind(0) == OpKind.Register ? instruction.Op0Register : instruction.Op1Register;
        var lanes = register.GetSize() / sizeof(uint);
        if (instruction.GetOpKind(0) == OpKind.Memory)
        {
            _vectors[register.GetNumber()].AsSpan(0, lanes).CopyTo(new Span<uint>(Address(instruction), lanes));
            return;
        }

        var source = instruction.GetOpKind(1) == OpKind.Memory
            ? new ReadOnlySpan<uint>(Address(instruction), lanes)
            : _vectors[instruction.Op1Register.GetNumber()].AsSpan(0, lanes);
        var target = _vectors[register.GetNumber()];
        source.CopyTo(target);
        target.AsSpan(lanes).Clear();
    }

    private uint[] BroadcastOf(in Instruction instruction)
    {
        var value = instruction.Op1Kind == OpKind.Memory ? *(uint*)Address(instruction)
            : instruction.Op1Register.IsGPR() ? (uint)Read(instruction, 1)
            : _vectors[instruction.Op1Register.GetNumber()][0];
        return [.. Enumerable.Repeat(value, Lanes)];
    }

    private uint[] Source(in Instruction instruction, int operand)
    {
        if (instruction.GetOpKind(operand) == OpKind.Register)
        {
            var register = instruction.GetOpRegister(operand);
            return register.IsZMM() ? _vectors[register.GetNumber()] : throw new NotSupportedException($"The interpreter knows whole vectors only: {instruction}.");
        }

        var address = (uint*)Address(instruction);
        return instruction.IsBroadcast ? [.. Enumerable.Repeat(*address, Lanes)] : new Span<uint>(address, Lanes).ToArray();
    }

    private void Set(in Instruction instruction, uint[] value) => _vectors[instruction.Op0Register.GetNumber()] = value;

    private static int TileOf(in Instruction instruction, int operand) => instruction.GetOpRegister(operand).GetNumber();

    // A tile's rows are an index register apart, whatever its scale says.
    private byte* Base(in Instruction instruction) => (byte*)(Value(instruction.MemoryBase) + instruction.MemoryDisplacement64);

    private long Stride(in Instruction instruction) => (long)Value(instruction.MemoryIndex) * instruction.MemoryIndexScale;

    private byte* Address(in Instruction instruction) => (byte*)(Value(instruction.MemoryBase)
        + (Value(instruction.MemoryIndex) * (ulong)instruction.MemoryIndexScale) + instruction.MemoryDisplacement64);

    private ulong Value(Register register) => register == Register.None ? 0 : _registers[register];

    private ulong Flag(ulong result)
    {
        (_isZero, _isBelow, _isLess) = (result == 0, false, (long)result < 0);
        return result;
    }

    private void Compare(ulong left, ulong right) => (_isZero, _isBelow, _isLess) = (left == right, left < right, (long)left < (long)right);

    private ulong Read(in Instruction instruction, int operand)
    {
        switch (instruction.GetOpKind(operand))
        {
            case OpKind.Register:
                var register = instruction.GetOpRegister(operand);
                var value = _registers.GetValueOrDefault(register.GetFullRegister());
                return register.IsGPR64() ? value : register.IsGPR32() ? (uint)value : throw new NotSupportedException($"The interpreter has no {register}.");
            case OpKind.Memory:
                var address = Address(instruction);
                return instruction.MemorySize.GetSize() switch
                {
                    1 => *address,
                    4 => *(uint*)address,
                    8 => *(ulong*)address,
                    _ => throw new NotSupportedException($"The interpreter doesn't read {instruction.MemorySize}."),
                };
            default:
                return instruction.GetImmediate(operand);
        }
    }

    private void Write(in Instruction instruction, ulong value)
    {
        if (instruction.Op0Kind == OpKind.Register)
        {
            _registers[instruction.Op0Register.GetFullRegister()] = instruction.Op0Register.IsGPR32() ? (uint)value : value;
            return;
        }

        var address = Address(instruction);
        switch (instruction.MemorySize.GetSize())
        {
            case 1: *address = (byte)value; break;
            case 4: *(uint*)address = (uint)value; break;
            default: *(ulong*)address = value; break;
        }
    }
}
