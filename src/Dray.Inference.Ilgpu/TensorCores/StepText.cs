namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>
/// PTX that does not depend on the tile. Registers: a0..a15 fragments of weights (strip, 16 inputs, register), b0..b3 fragments of x,
/// c sums, t totals, w weights in flight, q words selected, z scales in flight, l last scales, r ratios, e results to store. The tile declares ring, in shared memory. Weights are
/// the A operand of mma (16 outputs), x is its B operand (8 rows).
/// </summary>
internal static class StepText
{
    /// <summary>Registers of every kernel.</summary>
    public const string Declare =
        ".reg .b32 a<16>; .reg .b32 b<4>; .reg .b32 u<4>; .reg .f32 r<4>; .reg .f32 e<8>; .reg .f32 v<8>; .reg .b64 ya; .reg .b32 ring0; .reg .b32 at; mov.u32 ring0, ring; " +
        ".reg .pred pr0; .reg .pred pr1; .reg .pred pn<4>; .reg .pred pc; .reg .pred pq; .reg .pred pa;";

    /// <summary>Registers of 4-bit weights, and the constants that make bf16 of a nibble: m = 128.0 twice, whose last four bits hold it exactly.</summary>
    public const string DeclareNibbles =
        ".reg .b32 w<32>; .reg .b32 q<4>; .reg .b32 z<16>; .reg .b16 h<4>; .reg .f32 n<4>; .reg .f32 l<4>; .reg .b32 m; .reg .b32 f1; .reg .b32 f136; " +
        "mov.b32 m, 0x43004300; mov.b32 f1, 0x3F803F80; mov.b32 f136, 0xC308C308; " +
        "mov.f32 l0, 0f3F800000; mov.f32 l1, 0f3F800000; mov.f32 l2, 0f3F800000; mov.f32 l3, 0f3F800000;";

    /// <summary>Registers of bf16 weights.</summary>
    public const string DeclareDense = ".reg .b32 w<16>;";

    /// <summary>Each word's nibbles i and i + 4 become the pair (code − 8) of fragment register i: 128 + code − 136, exact.</summary>
    public const string UnpackNibbles =
        "lop3.b32 a0, q0, 0x000f000f, m, 0xea; shr.u32 u1, q0, 4; lop3.b32 a1, u1, 0x000f000f, m, 0xea; shr.u32 u2, q0, 8; lop3.b32 a2, u2, 0x000f000f, m, 0xea; shr.u32 u3, q0, 12; lop3.b32 a3, u3, 0x000f000f, m, 0xea; " +
        "fma.rn.bf16x2 a0, a0, f1, f136; fma.rn.bf16x2 a1, a1, f1, f136; fma.rn.bf16x2 a2, a2, f1, f136; fma.rn.bf16x2 a3, a3, f1, f136; " +
        "lop3.b32 a4, q1, 0x000f000f, m, 0xea; shr.u32 u1, q1, 4; lop3.b32 a5, u1, 0x000f000f, m, 0xea; shr.u32 u2, q1, 8; lop3.b32 a6, u2, 0x000f000f, m, 0xea; shr.u32 u3, q1, 12; lop3.b32 a7, u3, 0x000f000f, m, 0xea; " +
        "fma.rn.bf16x2 a4, a4, f1, f136; fma.rn.bf16x2 a5, a5, f1, f136; fma.rn.bf16x2 a6, a6, f1, f136; fma.rn.bf16x2 a7, a7, f1, f136; " +
        "lop3.b32 a8, q2, 0x000f000f, m, 0xea; shr.u32 u1, q2, 4; lop3.b32 a9, u1, 0x000f000f, m, 0xea; shr.u32 u2, q2, 8; lop3.b32 a10, u2, 0x000f000f, m, 0xea; shr.u32 u3, q2, 12; lop3.b32 a11, u3, 0x000f000f, m, 0xea; " +
        "fma.rn.bf16x2 a8, a8, f1, f136; fma.rn.bf16x2 a9, a9, f1, f136; fma.rn.bf16x2 a10, a10, f1, f136; fma.rn.bf16x2 a11, a11, f1, f136; " +
        "lop3.b32 a12, q3, 0x000f000f, m, 0xea; shr.u32 u1, q3, 4; lop3.b32 a13, u1, 0x000f000f, m, 0xea; shr.u32 u2, q3, 8; lop3.b32 a14, u2, 0x000f000f, m, 0xea; shr.u32 u3, q3, 12; lop3.b32 a15, u3, 0x000f000f, m, 0xea; " +
        "fma.rn.bf16x2 a12, a12, f1, f136; fma.rn.bf16x2 a13, a13, f1, f136; fma.rn.bf16x2 a14, a14, f1, f136; fma.rn.bf16x2 a15, a15, f1, f136;";

    /// <summary>Scales of rows g and g + 8 of both strips (q0, q1): r = last / new, last = new.</summary>
    public const string Ratios =
        "mov.b32 {h0,h1}, q0; mov.b32 {h2,h3}, q1; cvt.f32.f16 n0, h0; cvt.f32.f16 n1, h1; cvt.f32.f16 n2, h2; cvt.f32.f16 n3, h3; " +
        "rcp.approx.ftz.f32 r0, n0; rcp.approx.ftz.f32 r1, n1; rcp.approx.ftz.f32 r2, n2; rcp.approx.ftz.f32 r3, n3; " +
        "mul.rn.f32 r0, r0, l0; mul.rn.f32 r1, r1, l1; mul.rn.f32 r2, r2, l2; mul.rn.f32 r3, r3, l3; mov.f32 l0, n0; mov.f32 l1, n1; mov.f32 l2, n2; mov.f32 l3, n3;";

    /// <summary>r = last; last = 1.</summary>
    public const string LastScales = "mov.f32 r0, l0; mov.f32 r1, l1; mov.f32 r2, l2; mov.f32 r3, l3; mov.f32 l0, 0f3F800000; mov.f32 l1, 0f3F800000; mov.f32 l2, 0f3F800000; mov.f32 l3, 0f3F800000;";

    /// <summary>The shared address of offset %0 in the ring.</summary>
    public const string Address = "add.u32 at, ring0, %0; ";

    /// <summary>Copies 16 bytes (%2 of them, the rest zeros) from global %1 to the ring's offset %0.</summary>
    public const string Copy = Address + "cp.async.cg.shared.global [at], [%1], 16, %2;";

    /// <summary>
    /// Stores or adds e0..e7. %0: address of y[row, output]; %1: row; %2: rows; %3: output; %4: outputs; %5: bytes between rows; %6: 1 to add to y.
    /// Registers hold rows (r, r + 1) by outputs n, n + 8, n + 16, n + 24.
    /// </summary>
    public const string Store =
        "setp.lt.s32 pr0, %1, %2; add.s32 u0, %1, 1; setp.lt.s32 pr1, u0, %2; setp.lt.s32 pn0, %3, %4; " +
        "add.s32 u0, %3, 8; setp.lt.s32 pn1, u0, %4; add.s32 u0, %3, 16; setp.lt.s32 pn2, u0, %4; add.s32 u0, %3, 24; setp.lt.s32 pn3, u0, %4; " +
        "setp.ne.s32 pc, %6, 0; add.s64 ya, %0, %5; " +
        "and.pred pq, pr0, pn0; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [%0+0]; add.rn.f32 v0, v0, e0; @pq st.global.f32 [%0+0], v0; " +
        "and.pred pq, pr1, pn0; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [ya+0]; add.rn.f32 v0, v0, e1; @pq st.global.f32 [ya+0], v0; " +
        "and.pred pq, pr0, pn1; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [%0+32]; add.rn.f32 v0, v0, e2; @pq st.global.f32 [%0+32], v0; " +
        "and.pred pq, pr1, pn1; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [ya+32]; add.rn.f32 v0, v0, e3; @pq st.global.f32 [ya+32], v0; " +
        "and.pred pq, pr0, pn2; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [%0+64]; add.rn.f32 v0, v0, e4; @pq st.global.f32 [%0+64], v0; " +
        "and.pred pq, pr1, pn2; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [ya+64]; add.rn.f32 v0, v0, e5; @pq st.global.f32 [ya+64], v0; " +
        "and.pred pq, pr0, pn3; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [%0+96]; add.rn.f32 v0, v0, e6; @pq st.global.f32 [%0+96], v0; " +
        "and.pred pq, pr1, pn3; and.pred pa, pq, pc; mov.f32 v0, 0f00000000; @pa ld.global.f32 v0, [ya+96]; add.rn.f32 v0, v0, e7; @pq st.global.f32 [ya+96], v0;";

    /// <summary>Keeps e0..e7 at %0 for the group that adds the segments up, if row %1 is below %2.</summary>
    public const string Keep =
        "setp.lt.s32 pr0, %1, %2; @pr0 st.global.v4.f32 [%0], {e0,e1,e2,e3}; @pr0 st.global.v4.f32 [%0+4096], {e4,e5,e6,e7};";

    /// <summary>e = 0.</summary>
    public const string Begin = "mov.f32 e0, 0f00000000; mov.f32 e1, 0f00000000; mov.f32 e2, 0f00000000; mov.f32 e3, 0f00000000; mov.f32 e4, 0f00000000; mov.f32 e5, 0f00000000; mov.f32 e6, 0f00000000; mov.f32 e7, 0f00000000;";

    /// <summary>e += what another group kept at %0.</summary>
    public const string Add =
        "ld.global.cg.v4.f32 {v0,v1,v2,v3}, [%0]; ld.global.cg.v4.f32 {v4,v5,v6,v7}, [%0+4096]; " +
        "add.rn.f32 e0, e0, v0; add.rn.f32 e1, e1, v1; add.rn.f32 e2, e2, v2; add.rn.f32 e3, e3, v3; add.rn.f32 e4, e4, v4; add.rn.f32 e5, e5, v5; add.rn.f32 e6, e6, v6; add.rn.f32 e7, e7, v7;";
}
