using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>8 rows of x: a stage is 2 KiB.</summary>
internal readonly struct Rows8 : IRowTile
{
    public int Octets => 1;

    public int Stages => 4;

    public bool HasTotals => false;

    public void Declare() => CudaAsm.Emit(".shared .align 256 .b8 ring[8192]; .reg .f32 c<8>; .reg .f32 t<1>;");

    public void Clear() => CudaAsm.Emit(OctetText.Clear0);

    public void Multiply(int address) => CudaAsm.Emit(StepText.Address + OctetText.Multiply0, address);

    public void Rescale() => CudaAsm.Emit(OctetText.Rescale0);

    public void ClearTotal()
    {
    }

    public void AddTotal()
    {
    }

    public void Export(int octet)
    {
        if (octet == 0) CudaAsm.Emit(OctetText.Export0);
    }
}
