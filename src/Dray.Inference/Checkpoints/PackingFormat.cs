namespace Dray.Inference.Checkpoints;

/// <summary>How quantized codes and zero points lie in 32-bit words.</summary>
public enum PackingFormat
{
    /// <summary>
    /// <c>auto_round:auto_gptq</c> and native GPTQ: codes packed along K, qweight [K·bits/32, N]; the word holds zero point − 1.
    /// </summary>
    GptqZeroMinusOne,

    /// <summary><c>auto_round</c> and <c>auto_round:gptqmodel</c>: as above, but the word holds the zero point itself.</summary>
    Gptq,

    /// <summary><c>auto_round:auto_awq</c> and native AWQ: 4-bit codes packed along N with columns interleaved, qweight [K, N/8].</summary>
    Awq,
}
