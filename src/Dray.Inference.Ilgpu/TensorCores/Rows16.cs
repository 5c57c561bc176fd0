using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>16 rows of x: a stage is 4 KiB.</summary>
internal readonly struct Rows16 : IRowTile
{
    public int Octets => 2;

    public int Stages => 4;

    public bool HasTotals => false;

    public void Declare() => CudaAsm.Emit(".shared .align 256 .b8 ring[16384]; .reg .f32 c<16>; .reg .f32 t<1>;");

    public void Clear() => CudaAsm.Emit(OctetText.Clear0 + OctetText.Clear1);

    public void Multiply(int address) => CudaAsm.Emit(StepText.Address + OctetText.Multiply0 + OctetText.Multiply1, address);

    public void Rescale() => CudaAsm.Emit(OctetText.Rescale0 + OctetText.Rescale1);

    public void ClearTotal()
    {
    }

    public void AddTotal()
    {
    }

    public void Export(int octet)
    {
        if (octet == 0) CudaAsm.Emit(OctetText.Export0);
        else if (octet == 1) CudaAsm.Emit(OctetText.Export1);
    }
}
