using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>4-bit weights with groups of 128·n inputs: one scale per block.</summary>
internal readonly struct CoarseNibbles : IWeightStream
{
    public int BlockBytes => 1024;

    public int ScaleBytes => 32;

    public int ScaleLaneBytes => 4;

    public int Ahead(int blocks) => blocks * 4;

    public int BlocksAhead(int octets) => octets <= 4 ? 2 : 1;

    public void Declare() => CudaAsm.Emit(StepText.DeclareNibbles);

    public void Start(int parity, long strip0, long strip1)
    {
        Reload(parity, 1, strip0, strip1);
        Reload(parity, 3, strip0, strip1);
    }

    public void StartScales(int parity, long strip0, long strip1)
    {
        if (parity == 0) CudaAsm.Emit("ld.global.nc.b32 z0, [%0]; ld.global.nc.b32 z4, [%1];", strip0, strip1);
        else CudaAsm.Emit("ld.global.nc.b32 z8, [%0]; ld.global.nc.b32 z12, [%1];", strip0, strip1);
    }

    public bool HasScale(int step) => step == 0;

    public bool EndsScales(int step) => step == 0;

    public void Scale(int parity, int step)
    {
        if (parity == 0) CudaAsm.Emit("mov.b32 q0, z0; mov.b32 q1, z4;");
        else if (parity == 1) CudaAsm.Emit("mov.b32 q0, z8; mov.b32 q1, z12;");
        CudaAsm.Emit(StepText.Ratios);
    }

    public void LastScale() => CudaAsm.Emit(StepText.LastScales);

    public void Select(int parity, int step)
    {
        if (parity == 0 && step == 0) CudaAsm.Emit("mov.b32 q0, w0; mov.b32 q1, w1; mov.b32 q2, w4; mov.b32 q3, w5;");
        else if (parity == 0 && step == 1) CudaAsm.Emit("mov.b32 q0, w2; mov.b32 q1, w3; mov.b32 q2, w6; mov.b32 q3, w7;");
        else if (parity == 0 && step == 2) CudaAsm.Emit("mov.b32 q0, w8; mov.b32 q1, w9; mov.b32 q2, w12; mov.b32 q3, w13;");
        else if (parity == 0 && step == 3) CudaAsm.Emit("mov.b32 q0, w10; mov.b32 q1, w11; mov.b32 q2, w14; mov.b32 q3, w15;");
        else if (parity == 1 && step == 0) CudaAsm.Emit("mov.b32 q0, w16; mov.b32 q1, w17; mov.b32 q2, w20; mov.b32 q3, w21;");
        else if (parity == 1 && step == 1) CudaAsm.Emit("mov.b32 q0, w18; mov.b32 q1, w19; mov.b32 q2, w22; mov.b32 q3, w23;");
        else if (parity == 1 && step == 2) CudaAsm.Emit("mov.b32 q0, w24; mov.b32 q1, w25; mov.b32 q2, w28; mov.b32 q3, w29;");
        else if (parity == 1 && step == 3) CudaAsm.Emit("mov.b32 q0, w26; mov.b32 q1, w27; mov.b32 q2, w30; mov.b32 q3, w31;");
    }

    public bool Reloads(int step) => step is 1 or 3;

    public void Reload(int parity, int step, long strip0, long strip1)
    {
        if (parity == 0 && step == 1) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w0,w1,w2,w3}, [%0+0]; ld.global.nc.L1::no_allocate.v4.b32 {w4,w5,w6,w7}, [%1+0];", strip0, strip1);
        else if (parity == 0 && step == 3) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w8,w9,w10,w11}, [%0+512]; ld.global.nc.L1::no_allocate.v4.b32 {w12,w13,w14,w15}, [%1+512];", strip0, strip1);
        else if (parity == 1 && step == 1) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w16,w17,w18,w19}, [%0+0]; ld.global.nc.L1::no_allocate.v4.b32 {w20,w21,w22,w23}, [%1+0];", strip0, strip1);
        else if (parity == 1 && step == 3) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w24,w25,w26,w27}, [%0+512]; ld.global.nc.L1::no_allocate.v4.b32 {w28,w29,w30,w31}, [%1+512];", strip0, strip1);
    }

    public void Unpack() => CudaAsm.Emit(StepText.UnpackNibbles);
}
