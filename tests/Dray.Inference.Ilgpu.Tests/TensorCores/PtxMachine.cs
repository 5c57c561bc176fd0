using System.Buffers.Binary;
using Dray.Inference.Compute;

namespace Dray.Inference.Ilgpu.Tests.TensorCores;

/// <summary>
/// Executes a PTX kernel, thread by thread up to each instruction that a warp or group executes together: what the text says is tested
/// without a GPU. Asynchronous copies take place as late as the program allows.
/// </summary>
internal sealed class PtxMachine(PtxProgram program, byte[] parameters, byte[] memory)
{
    private const int SharedBase = 1024;

    private const int Lanes = 32;

    private readonly byte[] _shared = new byte[SharedBase + program.SharedBytes];

    /// <summary>Runs groups in the given order.</summary>
    public void Run(int threads, int tiles, int segments, bool reversed = false)
    {
        var groups = Enumerable.Range(0, tiles * segments);
        foreach (var group in reversed ? groups.Reverse() : groups) RunGroup(threads, group % tiles, group / tiles, tiles, segments);
    }

    private void RunGroup(int threads, int x, int y, int tiles, int segments)
    {
        Random.Shared.NextBytes(_shared);
        var all = new Thread[threads];
        var special = new (int Register, ulong Value)[]
        {
            (program.Register("%ctaid.x"), (ulong)x), (program.Register("%ctaid.y"), (ulong)y), (program.Register("%nctaid.x"), (ulong)tiles),
            (program.Register("%nctaid.y"), (ulong)segments), (program.Register(program.SharedName), SharedBase),
        };
        var tid = program.Register("%tid.x");
        for (var i = 0; i < threads; i++)
        {
            all[i] = new Thread(program.RegisterCount);
            foreach (var (register, value) in special) all[i].Registers[register] = value;
            all[i].Registers[tid] = (ulong)i;
        }

        while (!all[0].IsDone)
        {
            for (var warp = 0; warp < threads; warp += Lanes) RunWarp(all.AsSpan(warp, Lanes));
            if (all.All(thread => thread.IsDone)) return;
            var at = all[0].Next;
            all.ShouldAllBe(thread => !thread.IsDone && thread.Next == at, "all threads of a group must reach its barriers");
            Barrier(program.Instructions[at], all);
        }
    }

    private static void Barrier(PtxInstruction barrier, Thread[] all)
    {
        if (barrier.Parts[1] == "red")
        {
            var any = all.Any(thread => barrier.Operands[2].Read(thread.Registers) != 0);
            foreach (var thread in all) thread.Registers[barrier.Operands[0].Registers[0]] = any ? 1ul : 0ul;
        }

        foreach (var thread in all) thread.Next++;
    }

    private void RunWarp(Span<Thread> lanes)
    {
        while (true)
        {
            foreach (var lane in lanes) RunThread(lane);
            if (lanes[0].IsDone || program.Instructions[lanes[0].Next].IsGroupWide) return;
            var at = lanes[0].Next;
            foreach (var lane in lanes) lane.Next.ShouldBe(at, "lanes must reach warp-wide instructions together");
            if (program.Instructions[at].Parts[0] == "mma") Multiply(program.Instructions[at], lanes);
            else LoadMatrices(program.Instructions[at], lanes);
            foreach (var lane in lanes) lane.Next = at + 1;
        }
    }

    private void RunThread(Thread thread)
    {
        while (!thread.IsDone)
        {
            var instruction = program.Instructions[thread.Next];
            if (instruction.IsWarpWide || instruction.IsGroupWide) return;
            thread.Next++;
            if (instruction.Guard >= 0 && (thread.Registers[instruction.Guard] != 0) == instruction.Negated) continue;
            Execute(instruction, thread);
        }
    }

    private void Execute(PtxInstruction instruction, Thread thread)
    {
        var o = instruction.Operands;
        var r = thread.Registers;
        ulong A() => o[1].Read(r);
        ulong B() => o[2].Read(r);
        int IntA() => (int)A();
        int IntB() => (int)B();
        var type = instruction.Parts[^1];
        var wide = type.EndsWith("64", StringComparison.Ordinal);
        void Set(ulong value) => r[o[0].Registers[0]] = wide || type == "pred" ? value : (uint)value;
        void SetFloat(float value) => Set(BitConverter.SingleToUInt32Bits(value));
        switch (instruction.Parts[0])
        {
            case "bra": thread.Next = instruction.Target; break;
            case "ret": thread.IsDone = true; break;
            case "membar": break;
            case "mov" when o[0].Registers.Length == 2: (r[o[0].Registers[0]], r[o[0].Registers[1]]) = ((ushort)A(), (ushort)(A() >> 16)); break;
            case "mov" or "cvta": Set(A()); break;
            case "cvt" when type == "f16": SetFloat((float)BitConverter.UInt16BitsToHalf((ushort)A())); break;
            case "cvt" when instruction.Name == "cvt.s64.s32": r[o[0].Registers[0]] = (ulong)(long)IntA(); break;
            case "ld": Load(instruction, thread); break;
            case "st": Store(instruction, thread); break;
            case "cp": Copy(instruction, thread); break;
            case "atom":
                var at = (int)o[1].Address(r);
                var old = BinaryPrimitives.ReadUInt32LittleEndian(memory.AsSpan(at));
                BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan(at), instruction.Parts[1] == "add" ? old + (uint)B() : instruction.Parts[1] == "exch" ? (uint)B() : throw Unknown(instruction));
                Set(old);
                break;
            case "add" or "mul" when type == "f32" && instruction.Parts[1] != "rn": throw new NotSupportedException($"The assembler may fuse {instruction.Name}; round it.");
            case "add" when type == "f32": SetFloat(Float(A()) + Float(B())); break;
            case "mul" when type == "f32": SetFloat(Float(A()) * Float(B())); break;
            case "rcp": SetFloat(1f / Float(A())); break;
            case "fma" when type == "bf16x2": Set(Pair(A(), B(), o[3].Read(r), 0) | ((ulong)Pair(A(), B(), o[3].Read(r), 16) << 16)); break;
            case "add": Set(A() + B()); break;
            case "sub": Set(A() - B()); break;
            case "mul" when instruction.Parts[1] == "wide": r[o[0].Registers[0]] = (ulong)(uint)A() * (uint)B(); break;
            case "mul": Set(A() * B()); break;
            case "div" when type == "s32": Set((ulong)(IntA() / IntB())); break;
            case "min" when type == "s32": Set((ulong)Math.Min(IntA(), IntB())); break;
            case "shl": Set(A() << IntB()); break;
            case "shr" when type == "s32": Set((ulong)(IntA() >> IntB())); break;
            case "shr" when type == "u32": Set((uint)A() >> IntB()); break;
            case "and": Set(A() & B()); break;
            case "or": Set(A() | B()); break;
            case "xor": Set(A() ^ B()); break;
            case "not" when type == "pred": Set(A() ^ 1); break;
            case "lop3": Set(Lookup((uint)A(), (uint)B(), (uint)o[3].Read(r), (uint)o[4].Read(r))); break;
            case "selp": Set(o[3].Read(r) != 0 ? A() : B()); break;
            case "setp":
                var order = type == "s32" ? IntA().CompareTo(IntB()) : type == "u32" ? ((uint)A()).CompareTo((uint)B()) : throw Unknown(instruction);
                r[o[0].Registers[0]] = Holds(instruction.Parts[1], order) ? 1ul : 0ul;
                break;
            default: throw Unknown(instruction);
        }
    }

    private static NotSupportedException Unknown(PtxInstruction instruction) => new($"This machine does not know {instruction.Name}; teach it.");

    private static bool Holds(string comparison, int order) => comparison switch
    {
        "lt" => order < 0,
        "le" => order <= 0,
        "gt" => order > 0,
        "ge" => order >= 0,
        "eq" => order == 0,
        "ne" => order != 0,
        _ => throw new NotSupportedException($"This machine does not know setp.{comparison}; teach it."),
    };

    private static uint Lookup(uint a, uint b, uint c, uint table)
    {
        var result = 0u;
        for (var bit = 0; bit < 8; bit++)
        {
            if ((table >> bit & 1) == 0) continue;
            result |= ((bit & 4) != 0 ? a : ~a) & ((bit & 2) != 0 ? b : ~b) & ((bit & 1) != 0 ? c : ~c);
        }

        return result;
    }

    private static float Float(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static float Half(ulong pair, int shift) => BrainFloat.Decode((ushort)(pair >> shift));

    private static ushort Pair(ulong a, ulong b, ulong c, int shift) =>
        BrainFloat.Encode(MathF.FusedMultiplyAdd(Half(a, shift), Half(b, shift), Half(c, shift)));

    private void Load(PtxInstruction instruction, Thread thread)
    {
        var bytes = instruction.Parts[^1].EndsWith("64", StringComparison.Ordinal) ? 8 : 4;
        var source = instruction.Parts[1] == "param" ? parameters : memory;
        var at = (int)instruction.Operands[1].Address(thread.Registers);
        (at % (bytes * instruction.Operands[0].Registers.Length)).ShouldBe(0, $"{instruction.Name} must be aligned");
        foreach (var register in instruction.Operands[0].Registers)
        {
            thread.Registers[register] = bytes == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(source.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(source.AsSpan(at));
            at += bytes;
        }
    }

    private void Store(PtxInstruction instruction, Thread thread)
    {
        var at = (int)instruction.Operands[0].Address(thread.Registers);
        var value = instruction.Operands[1];
        (at % (4 * Math.Max(1, value.Registers.Length))).ShouldBe(0, $"{instruction.Name} must be aligned");
        if (value.Registers.Length == 0) BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan(at), (uint)value.Constant);
        for (var i = 0; i < value.Registers.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan(at + (4 * i)), (uint)thread.Registers[value.Registers[i]]);
    }

    private void Copy(PtxInstruction instruction, Thread thread)
    {
        switch (instruction.Parts[2])
        {
            case "commit_group":
                thread.Groups.Enqueue([.. thread.Copies]);
                thread.Copies.Clear();
                break;
            case "wait_group":
                for (var left = thread.Groups.Count - (int)instruction.Operands[0].Constant; left > 0; left--)
                {
                    foreach (var (to, from, count) in thread.Groups.Dequeue())
                    {
                        _shared.AsSpan(to, 16).Clear();
                        memory.AsSpan((int)from, count).CopyTo(_shared.AsSpan(to));
                    }
                }

                break;
            default:
                var target = (int)instruction.Operands[0].Address(thread.Registers);
                (target % 16).ShouldBe(0);
                _shared.AsSpan(target, 16).Fill(0xFF);
                thread.Copies.Add((target, instruction.Operands[1].Address(thread.Registers), (int)instruction.Operands[3].Read(thread.Registers)));
                break;
        }
    }

    // Matrix i takes the addresses of lanes 8i..8i + 7, a row of 8 elements each; lane (g, t) gets elements 2t and 2t + 1 of row g.
    private void LoadMatrices(PtxInstruction instruction, Span<Thread> lanes)
    {
        var rows = new int[Lanes];
        for (var i = 0; i < Lanes; i++) rows[i] = (int)instruction.Operands[1].Address(lanes[i].Registers);
        for (var i = 0; i < Lanes; i++)
        {
            for (var matrix = 0; matrix < 4; matrix++)
            {
                var at = rows[(matrix * 8) + (i / 4)] + (i % 4 * 4);
                lanes[i].Registers[instruction.Operands[0].Registers[matrix]] = BinaryPrimitives.ReadUInt32LittleEndian(_shared.AsSpan(at));
            }
        }
    }

    // m16n8k16, fragments as the PTX manual draws them; products are exact, their sum is rounded once.
    private static void Multiply(PtxInstruction instruction, Span<Thread> lanes)
    {
        instruction.Name.ShouldBe("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32");
        var (d, a, b, c) = (instruction.Operands[0].Registers, instruction.Operands[1].Registers, instruction.Operands[2].Registers, instruction.Operands[3].Registers);
        var left = new float[16, 16];
        var right = new float[16, 8];
        for (var lane = 0; lane < Lanes; lane++)
        {
            var (g, t) = (lane / 4, lane % 4);
            var r = lanes[lane].Registers;
            for (var half = 0; half < 2; half++)
            {
                for (var i = 0; i < 4; i++) left[g + (8 * (i & 1)), (2 * t) + (8 * (i >> 1)) + half] = Half(r[a[i]], 16 * half);
                for (var i = 0; i < 2; i++) right[(2 * t) + (8 * i) + half, g] = Half(r[b[i]], 16 * half);
            }
        }

        for (var lane = 0; lane < Lanes; lane++)
        {
            var r = lanes[lane].Registers;
            var sums = new ulong[4];
            for (var i = 0; i < 4; i++)
            {
                double sum = Float(r[c[i]]);
                for (var k = 0; k < 16; k++) sum += (double)left[(lane / 4) + (8 * (i >> 1)), k] * right[k, (2 * (lane % 4)) + (i & 1)];
                sums[i] = BitConverter.SingleToUInt32Bits((float)sum);
            }

            for (var i = 0; i < 4; i++) r[d[i]] = sums[i];
        }
    }

    private sealed class Thread(int registers)
    {
        public ulong[] Registers { get; } = new ulong[registers];

        public int Next { get; set; }

        public bool IsDone { get; set; }

        public List<(int Target, long Source, int Bytes)> Copies { get; } = [];

        public Queue<(int Target, long Source, int Bytes)[]> Groups { get; } = [];
    }
}
