using System.Text.Json;

namespace Dray.Inference.Tests.Compute;

/// <summary>Conversions as torch makes them: a tenth of the rows lie beside the tests, all of them in the shared folder.</summary>
internal static class NumericGoldens
{
    public static JsonElement Open(string file, bool shared) => JsonElement.Parse(File.ReadAllText(
        shared ? SharedFolder.Require("goldens", "numerics", file) : Path.Combine(AppContext.BaseDirectory, "Fixtures", "numerics", file)));

    public static float Float(this JsonElement bits) => BitConverter.UInt32BitsToSingle(bits.GetUInt32());
}
