namespace Dray.Quantization.Rounding;

/// <summary>
/// How the loss changes with a group's grid, where rounding counts as the identity. The least and the greatest code count as clamped, as they
/// do for PyTorch, whether or not a weight lies beyond.
/// </summary>
/// <param name="Scale">By the scale, with the zero point fixed: Σ dL/dW · (code − zero − W/scale), the last term only where the code isn't clamped.</param>
/// <param name="Zero">By the zero point: −scale · Σ dL/dW over clamped codes.</param>
internal readonly record struct GridGradient(float Scale, float Zero);
