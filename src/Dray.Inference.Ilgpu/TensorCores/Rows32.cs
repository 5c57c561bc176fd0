using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>32 rows of x: a stage is 8 KiB.</summary>
internal readonly struct Rows32 : IRowTile
{
    public int Octets => 4;

    public int Stages => 4;

    public bool HasTotals => false;

    public void Declare() => CudaAsm.Emit(".shared .align 256 .b8 ring[32768]; .reg .f32 c<32>; .reg .f32 t<1>;");

    public void Clear() => CudaAsm.Emit(OctetText.Clear0 + OctetText.Clear1 + OctetText.Clear2 + OctetText.Clear3);

    public void Multiply(int address) => CudaAsm.Emit(StepText.Address + OctetText.Multiply0 + OctetText.Multiply1 + OctetText.Multiply2 + OctetText.Multiply3, address);

    public void Rescale() => CudaAsm.Emit(OctetText.Rescale0 + OctetText.Rescale1 + OctetText.Rescale2 + OctetText.Rescale3);

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
        else if (octet == 2) CudaAsm.Emit(OctetText.Export2);
        else if (octet == 3) CudaAsm.Emit(OctetText.Export3);
    }
}
