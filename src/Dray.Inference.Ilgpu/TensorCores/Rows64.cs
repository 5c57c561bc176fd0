using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>64 rows of x: a stage is 16 KiB.</summary>
internal readonly struct Rows64 : IRowTile
{
    public int Octets => 8;

    public int Stages => 3;

    public bool HasTotals => false;

    public void Declare() => CudaAsm.Emit(".shared .align 256 .b8 ring[49152]; .reg .f32 c<64>; .reg .f32 t<1>;");

    public void Clear() => CudaAsm.Emit(
            OctetText.Clear0 + OctetText.Clear1 + OctetText.Clear2 + OctetText.Clear3 +
            OctetText.Clear4 + OctetText.Clear5 + OctetText.Clear6 + OctetText.Clear7);

    public void Multiply(int address) => CudaAsm.Emit(
            StepText.Address + OctetText.Multiply0 + OctetText.Multiply1 + OctetText.Multiply2 + OctetText.Multiply3 +
            OctetText.Multiply4 + OctetText.Multiply5 + OctetText.Multiply6 + OctetText.Multiply7, address);

    public void Rescale() => CudaAsm.Emit(
            OctetText.Rescale0 + OctetText.Rescale1 + OctetText.Rescale2 + OctetText.Rescale3 +
            OctetText.Rescale4 + OctetText.Rescale5 + OctetText.Rescale6 + OctetText.Rescale7);

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
        else if (octet == 4) CudaAsm.Emit(OctetText.Export4);
        else if (octet == 5) CudaAsm.Emit(OctetText.Export5);
        else if (octet == 6) CudaAsm.Emit(OctetText.Export6);
        else if (octet == 7) CudaAsm.Emit(OctetText.Export7);
    }
}
