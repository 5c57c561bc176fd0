using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>4-bit weights whose scale changes every 32 or 64 inputs: a lane loads four scales of a block at once.</summary>
internal readonly struct FineNibbles : IWeightStream
{
    public int BlockBytes => 1024;

    public int ScaleBytes => 128;

    public int ScaleLaneBytes => 16;

    public int Ahead(int blocks) => blocks * 4;

    public int BlocksAhead(int octets) => octets <= 2 ? 2 : 1;

    public void Declare() => CudaAsm.Emit(StepText.DeclareNibbles);

    public void Start(int parity, long strip0, long strip1)
    {
        Reload(parity, 1, strip0, strip1);
        Reload(parity, 3, strip0, strip1);
    }

    public void StartScales(int parity, long strip0, long strip1)
    {
        if (parity == 0) CudaAsm.Emit("ld.global.nc.v4.b32 {z0,z1,z2,z3}, [%0]; ld.global.nc.v4.b32 {z4,z5,z6,z7}, [%1];", strip0, strip1);
        else CudaAsm.Emit("ld.global.nc.v4.b32 {z8,z9,z10,z11}, [%0]; ld.global.nc.v4.b32 {z12,z13,z14,z15}, [%1];", strip0, strip1);
    }

    public bool HasScale(int step) => true;

    public bool EndsScales(int step) => step == 3;

    public void Scale(int parity, int step)
    {
        if (parity == 0 && step == 0) CudaAsm.Emit("mov.b32 q0, z0; mov.b32 q1, z4;");
        else if (parity == 0 && step == 1) CudaAsm.Emit("mov.b32 q0, z1; mov.b32 q1, z5;");
        else if (parity == 0 && step == 2) CudaAsm.Emit("mov.b32 q0, z2; mov.b32 q1, z6;");
        else if (parity == 0 && step == 3) CudaAsm.Emit("mov.b32 q0, z3; mov.b32 q1, z7;");
        else if (parity == 1 && step == 0) CudaAsm.Emit("mov.b32 q0, z8; mov.b32 q1, z12;");
        else if (parity == 1 && step == 1) CudaAsm.Emit("mov.b32 q0, z9; mov.b32 q1, z13;");
        else if (parity == 1 && step == 2) CudaAsm.Emit("mov.b32 q0, z10; mov.b32 q1, z14;");
        else if (parity == 1 && step == 3) CudaAsm.Emit("mov.b32 q0, z11; mov.b32 q1, z15;");
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
