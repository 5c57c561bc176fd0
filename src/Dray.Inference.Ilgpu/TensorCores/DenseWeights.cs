using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>bf16 weights: a lane's 16 bytes are its part of a fragment as they are. A step, 64 bytes a lane, is in flight while another is multiplied.</summary>
internal readonly struct DenseWeights : IWeightStream
{
    public int BlockBytes => 4096;

    public int ScaleBytes => 0;

    public int ScaleLaneBytes => 0;

    public int Ahead(int blocks) => 1;

    public int BlocksAhead(int octets) => 1;

    public void Declare() => CudaAsm.Emit(StepText.DeclareDense);

    public void Start(int parity, long strip0, long strip1) => Reload(0, 0, strip0, strip1);

    public void StartScales(int parity, long strip0, long strip1)
    {
    }

    public bool HasScale(int step) => false;

    public bool EndsScales(int step) => false;

    public void Scale(int parity, int step)
    {
    }

    public void LastScale()
    {
    }

    public void Select(int parity, int step) => CudaAsm.Emit("mov.b32 a0, w0; mov.b32 a1, w1; mov.b32 a2, w2; mov.b32 a3, w3; mov.b32 a4, w4; mov.b32 a5, w5; mov.b32 a6, w6; mov.b32 a7, w7; mov.b32 a8, w8; mov.b32 a9, w9; mov.b32 a10, w10; mov.b32 a11, w11; mov.b32 a12, w12; mov.b32 a13, w13; mov.b32 a14, w14; mov.b32 a15, w15;");

    public bool Reloads(int step) => true;

    public void Reload(int parity, int step, long strip0, long strip1)
    {
        if (step == 0) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w0,w1,w2,w3}, [%0+0]; ld.global.nc.L1::no_allocate.v4.b32 {w4,w5,w6,w7}, [%0+512]; ld.global.nc.L1::no_allocate.v4.b32 {w8,w9,w10,w11}, [%1+0]; ld.global.nc.L1::no_allocate.v4.b32 {w12,w13,w14,w15}, [%1+512];", strip0, strip1);
        else if (step == 1) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w0,w1,w2,w3}, [%0+1024]; ld.global.nc.L1::no_allocate.v4.b32 {w4,w5,w6,w7}, [%0+1536]; ld.global.nc.L1::no_allocate.v4.b32 {w8,w9,w10,w11}, [%1+1024]; ld.global.nc.L1::no_allocate.v4.b32 {w12,w13,w14,w15}, [%1+1536];", strip0, strip1);
        else if (step == 2) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w0,w1,w2,w3}, [%0+2048]; ld.global.nc.L1::no_allocate.v4.b32 {w4,w5,w6,w7}, [%0+2560]; ld.global.nc.L1::no_allocate.v4.b32 {w8,w9,w10,w11}, [%1+2048]; ld.global.nc.L1::no_allocate.v4.b32 {w12,w13,w14,w15}, [%1+2560];", strip0, strip1);
        else if (step == 3) CudaAsm.Emit("ld.global.nc.L1::no_allocate.v4.b32 {w0,w1,w2,w3}, [%0+3072]; ld.global.nc.L1::no_allocate.v4.b32 {w4,w5,w6,w7}, [%0+3584]; ld.global.nc.L1::no_allocate.v4.b32 {w8,w9,w10,w11}, [%1+3072]; ld.global.nc.L1::no_allocate.v4.b32 {w12,w13,w14,w15}, [%1+3584];", strip0, strip1);
    }

    public void Unpack()
    {
    }
}
