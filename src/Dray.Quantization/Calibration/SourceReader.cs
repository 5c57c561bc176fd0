using Dray.Inference.Tokenization;
using Dray.Quantization.Calibration.Conversations;
using Dray.Quantization.Calibration.Records;

namespace Dray.Quantization.Calibration;

/// <summary>
/// Makes samples of one source: reads all records, shuffles them by the seed, then encodes and cuts one after the other until there
/// are enough. A record that can't be used is left out; a source of which more than half can't be used is refused.
/// </summary>
internal sealed class SourceReader(TekkenTokenizer tokenizer, TextBoundaries boundaries, int length, int seed)
{
    private const int MostNamed = 3;

    /// <summary>Reads a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="wanted">How many samples are enough.</param>
    /// <exception cref="CalibrationException">The source can't be read, is too large, or most of it can't be used.</exception>
    public SourceSamples Read(DatasetSource source, int wanted)
    {
        var records = Records(source);
        var order = new int[records.Count * source.Repeat];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var random = new PythonRandom(seed);
        random.Shuffle<int>(order);

        var encoder = new ItemEncoder(tokenizer, boundaries, source);
        var cutter = new SampleCutter(length, tokenizer.Bos, tokenizer.Eos, source.Concatenate, random);
        var bad = new SortedDictionary<int, string>();
        var used = 0;
        for (; used < order.Length && cutter.Samples.Count < wanted; used++)
        {
            var index = order[used] % records.Count;
            if (bad.ContainsKey(index)) continue;
            try
            {
                cutter.Add(encoder.Encode(RecordReader.Read(records[index]), index));
            }
            catch (RecordException exception)
            {
                bad[index] = $"{records[index].At} {exception.Message}";
            }
        }

        var badRecords = Describe(source, bad, Math.Min(used, records.Count));
        var samples = cutter.Samples.Count > wanted ? cutter.Samples.GetRange(0, wanted) : cutter.Samples;
        return new SourceSamples(source, samples, samples.Count < wanted ? Shortage(source, records.Count, cutter) : null, badRecords);
    }

    private static List<SourceRecord> Records(DatasetSource source)
    {
        var records = new List<SourceRecord>();
        var bytes = 0L;
        foreach (var record in SourceFiles.Of(source).SelectMany(RecordFile.Read))
        {
            records.Add(record);
            bytes += record.Utf8.Length;
            if (bytes <= RecordLimits.SourceBytes && (long)records.Count * source.Repeat <= RecordLimits.Records) continue;
            throw new CalibrationException(
                $"The calibration data '{source.Path}' has more than {RecordLimits.Records} records, repeats included, or more than " +
                $"{RecordLimits.SourceBytes} bytes; calibration uses little of that: give a part of it.");
        }

        return records;
    }

    private static string? Describe(DatasetSource source, SortedDictionary<int, string> bad, int looked)
    {
        if (bad.Count == 0) return null;
        var named = string.Join("; ", bad.Values.Take(MostNamed).Select(sentence => sentence.TrimEnd('.')));
        if (bad.Count * 2 > looked)
        {
            throw new CalibrationException(
                $"{bad.Count} of {looked} records of the calibration data '{source.Path}' can't be used: {named}. Correct the data, or give other data.");
        }

        return $"{bad.Count} of {looked} records of the calibration data '{source.Path}' were left out: {named}.";
    }

    private static string Shortage(DatasetSource source, int records, SampleCutter cutter) =>
        $"In '{source.Path}': records: {records}; samples: {cutter.Samples.Count}" +
        (cutter.Short > 0 ? $"; texts shorter than a sample: {cutter.Short} (':concat' joins them)" : "") +
        (cutter.Repetitive > 0 ? $"; samples that are mostly one token: {cutter.Repetitive}" : "") + ".";
}
