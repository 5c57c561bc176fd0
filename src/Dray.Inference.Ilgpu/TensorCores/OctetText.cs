namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>
/// PTX of one octet (8 rows of x by a warp's 32 outputs), for each octet of a tile. Registers are named (see <see cref="StepText"/>): an octet o
/// keeps its sums in c{8o}..c{8o+7}, four for each strip of 16 outputs as mma lays them out, and its totals over segments in t{8o}.. alike.
/// </summary>
/// <remarks>
/// Named registers, because operands that ILGPU passes to inline PTX by reference go through local memory, and whether the assembler removes
/// that depends on what else is in the kernel. Sums are rounded as written (.rn): the assembler would fuse a rescaling and an addition in the
/// tile with totals but can't in the others, and a row's bits would depend on the tile.
/// </remarks>
internal static class OctetText
{
    // ldmatrix reads 8 rows × 32 inputs of x at shared address 'at'; two 16-output strips take them, 16 inputs at a time.
    public const string Multiply0 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+0]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c0,c1,c2,c3}, {a0,a1,a2,a3}, {b0,b1}, {c0,c1,c2,c3}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c4,c5,c6,c7}, {a8,a9,a10,a11}, {b0,b1}, {c4,c5,c6,c7}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c0,c1,c2,c3}, {a4,a5,a6,a7}, {b2,b3}, {c0,c1,c2,c3}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c4,c5,c6,c7}, {a12,a13,a14,a15}, {b2,b3}, {c4,c5,c6,c7};";
    public const string Multiply1 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+2048]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c8,c9,c10,c11}, {a0,a1,a2,a3}, {b0,b1}, {c8,c9,c10,c11}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c12,c13,c14,c15}, {a8,a9,a10,a11}, {b0,b1}, {c12,c13,c14,c15}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c8,c9,c10,c11}, {a4,a5,a6,a7}, {b2,b3}, {c8,c9,c10,c11}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c12,c13,c14,c15}, {a12,a13,a14,a15}, {b2,b3}, {c12,c13,c14,c15};";
    public const string Multiply2 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+4096]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c16,c17,c18,c19}, {a0,a1,a2,a3}, {b0,b1}, {c16,c17,c18,c19}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c20,c21,c22,c23}, {a8,a9,a10,a11}, {b0,b1}, {c20,c21,c22,c23}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c16,c17,c18,c19}, {a4,a5,a6,a7}, {b2,b3}, {c16,c17,c18,c19}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c20,c21,c22,c23}, {a12,a13,a14,a15}, {b2,b3}, {c20,c21,c22,c23};";
    public const string Multiply3 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+6144]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c24,c25,c26,c27}, {a0,a1,a2,a3}, {b0,b1}, {c24,c25,c26,c27}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c28,c29,c30,c31}, {a8,a9,a10,a11}, {b0,b1}, {c28,c29,c30,c31}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c24,c25,c26,c27}, {a4,a5,a6,a7}, {b2,b3}, {c24,c25,c26,c27}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c28,c29,c30,c31}, {a12,a13,a14,a15}, {b2,b3}, {c28,c29,c30,c31};";
    public const string Multiply4 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+8192]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c32,c33,c34,c35}, {a0,a1,a2,a3}, {b0,b1}, {c32,c33,c34,c35}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c36,c37,c38,c39}, {a8,a9,a10,a11}, {b0,b1}, {c36,c37,c38,c39}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c32,c33,c34,c35}, {a4,a5,a6,a7}, {b2,b3}, {c32,c33,c34,c35}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c36,c37,c38,c39}, {a12,a13,a14,a15}, {b2,b3}, {c36,c37,c38,c39};";
    public const string Multiply5 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+10240]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c40,c41,c42,c43}, {a0,a1,a2,a3}, {b0,b1}, {c40,c41,c42,c43}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c44,c45,c46,c47}, {a8,a9,a10,a11}, {b0,b1}, {c44,c45,c46,c47}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c40,c41,c42,c43}, {a4,a5,a6,a7}, {b2,b3}, {c40,c41,c42,c43}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c44,c45,c46,c47}, {a12,a13,a14,a15}, {b2,b3}, {c44,c45,c46,c47};";
    public const string Multiply6 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+12288]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c48,c49,c50,c51}, {a0,a1,a2,a3}, {b0,b1}, {c48,c49,c50,c51}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c52,c53,c54,c55}, {a8,a9,a10,a11}, {b0,b1}, {c52,c53,c54,c55}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c48,c49,c50,c51}, {a4,a5,a6,a7}, {b2,b3}, {c48,c49,c50,c51}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c52,c53,c54,c55}, {a12,a13,a14,a15}, {b2,b3}, {c52,c53,c54,c55};";
    public const string Multiply7 = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {b0,b1,b2,b3}, [at+14336]; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c56,c57,c58,c59}, {a0,a1,a2,a3}, {b0,b1}, {c56,c57,c58,c59}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c60,c61,c62,c63}, {a8,a9,a10,a11}, {b0,b1}, {c60,c61,c62,c63}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c56,c57,c58,c59}, {a4,a5,a6,a7}, {b2,b3}, {c56,c57,c58,c59}; mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {c60,c61,c62,c63}, {a12,a13,a14,a15}, {b2,b3}, {c60,c61,c62,c63};";

    // The sums of a segment begin at zero.
    public const string Clear0 = "mov.f32 c0, 0f00000000; mov.f32 c1, 0f00000000; mov.f32 c2, 0f00000000; mov.f32 c3, 0f00000000; mov.f32 c4, 0f00000000; mov.f32 c5, 0f00000000; mov.f32 c6, 0f00000000; mov.f32 c7, 0f00000000;";
    public const string Clear1 = "mov.f32 c8, 0f00000000; mov.f32 c9, 0f00000000; mov.f32 c10, 0f00000000; mov.f32 c11, 0f00000000; mov.f32 c12, 0f00000000; mov.f32 c13, 0f00000000; mov.f32 c14, 0f00000000; mov.f32 c15, 0f00000000;";
    public const string Clear2 = "mov.f32 c16, 0f00000000; mov.f32 c17, 0f00000000; mov.f32 c18, 0f00000000; mov.f32 c19, 0f00000000; mov.f32 c20, 0f00000000; mov.f32 c21, 0f00000000; mov.f32 c22, 0f00000000; mov.f32 c23, 0f00000000;";
    public const string Clear3 = "mov.f32 c24, 0f00000000; mov.f32 c25, 0f00000000; mov.f32 c26, 0f00000000; mov.f32 c27, 0f00000000; mov.f32 c28, 0f00000000; mov.f32 c29, 0f00000000; mov.f32 c30, 0f00000000; mov.f32 c31, 0f00000000;";
    public const string Clear4 = "mov.f32 c32, 0f00000000; mov.f32 c33, 0f00000000; mov.f32 c34, 0f00000000; mov.f32 c35, 0f00000000; mov.f32 c36, 0f00000000; mov.f32 c37, 0f00000000; mov.f32 c38, 0f00000000; mov.f32 c39, 0f00000000;";
    public const string Clear5 = "mov.f32 c40, 0f00000000; mov.f32 c41, 0f00000000; mov.f32 c42, 0f00000000; mov.f32 c43, 0f00000000; mov.f32 c44, 0f00000000; mov.f32 c45, 0f00000000; mov.f32 c46, 0f00000000; mov.f32 c47, 0f00000000;";
    public const string Clear6 = "mov.f32 c48, 0f00000000; mov.f32 c49, 0f00000000; mov.f32 c50, 0f00000000; mov.f32 c51, 0f00000000; mov.f32 c52, 0f00000000; mov.f32 c53, 0f00000000; mov.f32 c54, 0f00000000; mov.f32 c55, 0f00000000;";
    public const string Clear7 = "mov.f32 c56, 0f00000000; mov.f32 c57, 0f00000000; mov.f32 c58, 0f00000000; mov.f32 c59, 0f00000000; mov.f32 c60, 0f00000000; mov.f32 c61, 0f00000000; mov.f32 c62, 0f00000000; mov.f32 c63, 0f00000000;";

    // Brings the sums into the unit of the next group.
    public const string Rescale0 = "mul.rn.f32 c0, c0, r0; mul.rn.f32 c1, c1, r0; mul.rn.f32 c2, c2, r1; mul.rn.f32 c3, c3, r1; mul.rn.f32 c4, c4, r2; mul.rn.f32 c5, c5, r2; mul.rn.f32 c6, c6, r3; mul.rn.f32 c7, c7, r3;";
    public const string Rescale1 = "mul.rn.f32 c8, c8, r0; mul.rn.f32 c9, c9, r0; mul.rn.f32 c10, c10, r1; mul.rn.f32 c11, c11, r1; mul.rn.f32 c12, c12, r2; mul.rn.f32 c13, c13, r2; mul.rn.f32 c14, c14, r3; mul.rn.f32 c15, c15, r3;";
    public const string Rescale2 = "mul.rn.f32 c16, c16, r0; mul.rn.f32 c17, c17, r0; mul.rn.f32 c18, c18, r1; mul.rn.f32 c19, c19, r1; mul.rn.f32 c20, c20, r2; mul.rn.f32 c21, c21, r2; mul.rn.f32 c22, c22, r3; mul.rn.f32 c23, c23, r3;";
    public const string Rescale3 = "mul.rn.f32 c24, c24, r0; mul.rn.f32 c25, c25, r0; mul.rn.f32 c26, c26, r1; mul.rn.f32 c27, c27, r1; mul.rn.f32 c28, c28, r2; mul.rn.f32 c29, c29, r2; mul.rn.f32 c30, c30, r3; mul.rn.f32 c31, c31, r3;";
    public const string Rescale4 = "mul.rn.f32 c32, c32, r0; mul.rn.f32 c33, c33, r0; mul.rn.f32 c34, c34, r1; mul.rn.f32 c35, c35, r1; mul.rn.f32 c36, c36, r2; mul.rn.f32 c37, c37, r2; mul.rn.f32 c38, c38, r3; mul.rn.f32 c39, c39, r3;";
    public const string Rescale5 = "mul.rn.f32 c40, c40, r0; mul.rn.f32 c41, c41, r0; mul.rn.f32 c42, c42, r1; mul.rn.f32 c43, c43, r1; mul.rn.f32 c44, c44, r2; mul.rn.f32 c45, c45, r2; mul.rn.f32 c46, c46, r3; mul.rn.f32 c47, c47, r3;";
    public const string Rescale6 = "mul.rn.f32 c48, c48, r0; mul.rn.f32 c49, c49, r0; mul.rn.f32 c50, c50, r1; mul.rn.f32 c51, c51, r1; mul.rn.f32 c52, c52, r2; mul.rn.f32 c53, c53, r2; mul.rn.f32 c54, c54, r3; mul.rn.f32 c55, c55, r3;";
    public const string Rescale7 = "mul.rn.f32 c56, c56, r0; mul.rn.f32 c57, c57, r0; mul.rn.f32 c58, c58, r1; mul.rn.f32 c59, c59, r1; mul.rn.f32 c60, c60, r2; mul.rn.f32 c61, c61, r2; mul.rn.f32 c62, c62, r3; mul.rn.f32 c63, c63, r3;";

    // Hands an octet over to StepText.
    public const string Export0 = "mov.f32 e0, c0; mov.f32 e1, c1; mov.f32 e2, c2; mov.f32 e3, c3; mov.f32 e4, c4; mov.f32 e5, c5; mov.f32 e6, c6; mov.f32 e7, c7;";
    public const string Export1 = "mov.f32 e0, c8; mov.f32 e1, c9; mov.f32 e2, c10; mov.f32 e3, c11; mov.f32 e4, c12; mov.f32 e5, c13; mov.f32 e6, c14; mov.f32 e7, c15;";
    public const string Export2 = "mov.f32 e0, c16; mov.f32 e1, c17; mov.f32 e2, c18; mov.f32 e3, c19; mov.f32 e4, c20; mov.f32 e5, c21; mov.f32 e6, c22; mov.f32 e7, c23;";
    public const string Export3 = "mov.f32 e0, c24; mov.f32 e1, c25; mov.f32 e2, c26; mov.f32 e3, c27; mov.f32 e4, c28; mov.f32 e5, c29; mov.f32 e6, c30; mov.f32 e7, c31;";
    public const string Export4 = "mov.f32 e0, c32; mov.f32 e1, c33; mov.f32 e2, c34; mov.f32 e3, c35; mov.f32 e4, c36; mov.f32 e5, c37; mov.f32 e6, c38; mov.f32 e7, c39;";
    public const string Export5 = "mov.f32 e0, c40; mov.f32 e1, c41; mov.f32 e2, c42; mov.f32 e3, c43; mov.f32 e4, c44; mov.f32 e5, c45; mov.f32 e6, c46; mov.f32 e7, c47;";
    public const string Export6 = "mov.f32 e0, c48; mov.f32 e1, c49; mov.f32 e2, c50; mov.f32 e3, c51; mov.f32 e4, c52; mov.f32 e5, c53; mov.f32 e6, c54; mov.f32 e7, c55;";
    public const string Export7 = "mov.f32 e0, c56; mov.f32 e1, c57; mov.f32 e2, c58; mov.f32 e3, c59; mov.f32 e4, c60; mov.f32 e5, c61; mov.f32 e6, c62; mov.f32 e7, c63;";

    // Totals over segments begin at zero.
    public const string ClearTotal0 = "mov.f32 t0, 0f00000000; mov.f32 t1, 0f00000000; mov.f32 t2, 0f00000000; mov.f32 t3, 0f00000000; mov.f32 t4, 0f00000000; mov.f32 t5, 0f00000000; mov.f32 t6, 0f00000000; mov.f32 t7, 0f00000000;";
    public const string ClearTotal1 = "mov.f32 t8, 0f00000000; mov.f32 t9, 0f00000000; mov.f32 t10, 0f00000000; mov.f32 t11, 0f00000000; mov.f32 t12, 0f00000000; mov.f32 t13, 0f00000000; mov.f32 t14, 0f00000000; mov.f32 t15, 0f00000000;";
    public const string ClearTotal2 = "mov.f32 t16, 0f00000000; mov.f32 t17, 0f00000000; mov.f32 t18, 0f00000000; mov.f32 t19, 0f00000000; mov.f32 t20, 0f00000000; mov.f32 t21, 0f00000000; mov.f32 t22, 0f00000000; mov.f32 t23, 0f00000000;";
    public const string ClearTotal3 = "mov.f32 t24, 0f00000000; mov.f32 t25, 0f00000000; mov.f32 t26, 0f00000000; mov.f32 t27, 0f00000000; mov.f32 t28, 0f00000000; mov.f32 t29, 0f00000000; mov.f32 t30, 0f00000000; mov.f32 t31, 0f00000000;";
    public const string ClearTotal4 = "mov.f32 t32, 0f00000000; mov.f32 t33, 0f00000000; mov.f32 t34, 0f00000000; mov.f32 t35, 0f00000000; mov.f32 t36, 0f00000000; mov.f32 t37, 0f00000000; mov.f32 t38, 0f00000000; mov.f32 t39, 0f00000000;";
    public const string ClearTotal5 = "mov.f32 t40, 0f00000000; mov.f32 t41, 0f00000000; mov.f32 t42, 0f00000000; mov.f32 t43, 0f00000000; mov.f32 t44, 0f00000000; mov.f32 t45, 0f00000000; mov.f32 t46, 0f00000000; mov.f32 t47, 0f00000000;";
    public const string ClearTotal6 = "mov.f32 t48, 0f00000000; mov.f32 t49, 0f00000000; mov.f32 t50, 0f00000000; mov.f32 t51, 0f00000000; mov.f32 t52, 0f00000000; mov.f32 t53, 0f00000000; mov.f32 t54, 0f00000000; mov.f32 t55, 0f00000000;";
    public const string ClearTotal7 = "mov.f32 t56, 0f00000000; mov.f32 t57, 0f00000000; mov.f32 t58, 0f00000000; mov.f32 t59, 0f00000000; mov.f32 t60, 0f00000000; mov.f32 t61, 0f00000000; mov.f32 t62, 0f00000000; mov.f32 t63, 0f00000000;";

    // Adds a segment to the totals.
    public const string AddTotal0 = "add.rn.f32 t0, t0, c0; add.rn.f32 t1, t1, c1; add.rn.f32 t2, t2, c2; add.rn.f32 t3, t3, c3; add.rn.f32 t4, t4, c4; add.rn.f32 t5, t5, c5; add.rn.f32 t6, t6, c6; add.rn.f32 t7, t7, c7;";
    public const string AddTotal1 = "add.rn.f32 t8, t8, c8; add.rn.f32 t9, t9, c9; add.rn.f32 t10, t10, c10; add.rn.f32 t11, t11, c11; add.rn.f32 t12, t12, c12; add.rn.f32 t13, t13, c13; add.rn.f32 t14, t14, c14; add.rn.f32 t15, t15, c15;";
    public const string AddTotal2 = "add.rn.f32 t16, t16, c16; add.rn.f32 t17, t17, c17; add.rn.f32 t18, t18, c18; add.rn.f32 t19, t19, c19; add.rn.f32 t20, t20, c20; add.rn.f32 t21, t21, c21; add.rn.f32 t22, t22, c22; add.rn.f32 t23, t23, c23;";
    public const string AddTotal3 = "add.rn.f32 t24, t24, c24; add.rn.f32 t25, t25, c25; add.rn.f32 t26, t26, c26; add.rn.f32 t27, t27, c27; add.rn.f32 t28, t28, c28; add.rn.f32 t29, t29, c29; add.rn.f32 t30, t30, c30; add.rn.f32 t31, t31, c31;";
    public const string AddTotal4 = "add.rn.f32 t32, t32, c32; add.rn.f32 t33, t33, c33; add.rn.f32 t34, t34, c34; add.rn.f32 t35, t35, c35; add.rn.f32 t36, t36, c36; add.rn.f32 t37, t37, c37; add.rn.f32 t38, t38, c38; add.rn.f32 t39, t39, c39;";
    public const string AddTotal5 = "add.rn.f32 t40, t40, c40; add.rn.f32 t41, t41, c41; add.rn.f32 t42, t42, c42; add.rn.f32 t43, t43, c43; add.rn.f32 t44, t44, c44; add.rn.f32 t45, t45, c45; add.rn.f32 t46, t46, c46; add.rn.f32 t47, t47, c47;";
    public const string AddTotal6 = "add.rn.f32 t48, t48, c48; add.rn.f32 t49, t49, c49; add.rn.f32 t50, t50, c50; add.rn.f32 t51, t51, c51; add.rn.f32 t52, t52, c52; add.rn.f32 t53, t53, c53; add.rn.f32 t54, t54, c54; add.rn.f32 t55, t55, c55;";
    public const string AddTotal7 = "add.rn.f32 t56, t56, c56; add.rn.f32 t57, t57, c57; add.rn.f32 t58, t58, c58; add.rn.f32 t59, t59, c59; add.rn.f32 t60, t60, c60; add.rn.f32 t61, t61, c61; add.rn.f32 t62, t62, c62; add.rn.f32 t63, t63, c63;";

    // Hands an octet's totals over to StepText.
    public const string ExportTotal0 = "mov.f32 e0, t0; mov.f32 e1, t1; mov.f32 e2, t2; mov.f32 e3, t3; mov.f32 e4, t4; mov.f32 e5, t5; mov.f32 e6, t6; mov.f32 e7, t7;";
    public const string ExportTotal1 = "mov.f32 e0, t8; mov.f32 e1, t9; mov.f32 e2, t10; mov.f32 e3, t11; mov.f32 e4, t12; mov.f32 e5, t13; mov.f32 e6, t14; mov.f32 e7, t15;";
    public const string ExportTotal2 = "mov.f32 e0, t16; mov.f32 e1, t17; mov.f32 e2, t18; mov.f32 e3, t19; mov.f32 e4, t20; mov.f32 e5, t21; mov.f32 e6, t22; mov.f32 e7, t23;";
    public const string ExportTotal3 = "mov.f32 e0, t24; mov.f32 e1, t25; mov.f32 e2, t26; mov.f32 e3, t27; mov.f32 e4, t28; mov.f32 e5, t29; mov.f32 e6, t30; mov.f32 e7, t31;";
    public const string ExportTotal4 = "mov.f32 e0, t32; mov.f32 e1, t33; mov.f32 e2, t34; mov.f32 e3, t35; mov.f32 e4, t36; mov.f32 e5, t37; mov.f32 e6, t38; mov.f32 e7, t39;";
    public const string ExportTotal5 = "mov.f32 e0, t40; mov.f32 e1, t41; mov.f32 e2, t42; mov.f32 e3, t43; mov.f32 e4, t44; mov.f32 e5, t45; mov.f32 e6, t46; mov.f32 e7, t47;";
    public const string ExportTotal6 = "mov.f32 e0, t48; mov.f32 e1, t49; mov.f32 e2, t50; mov.f32 e3, t51; mov.f32 e4, t52; mov.f32 e5, t53; mov.f32 e6, t54; mov.f32 e7, t55;";
    public const string ExportTotal7 = "mov.f32 e0, t56; mov.f32 e1, t57; mov.f32 e2, t58; mov.f32 e3, t59; mov.f32 e4, t60; mov.f32 e5, t61; mov.f32 e6, t62; mov.f32 e7, t63;";
}
