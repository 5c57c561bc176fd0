using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration;

/// <summary>
/// Makes calibration samples of a mix of local data, as AutoRound does: each source is shuffled by the seed, encoded and cut; sources
/// give the number they were asked for or an even share; several sources are shuffled together. The same data, tokenizer and seed give
/// the same samples, and one source of texts those that AutoRound picks.
/// </summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="boundaries">What it puts around plain texts; <see cref="TextBoundaries.Of"/> reads it.</param>
public sealed class CalibrationLoader(TekkenTokenizer tokenizer, TextBoundaries boundaries)
{
    private const int ShortestSample = 8;

    /// <summary>Loads a mix.</summary>
    /// <param name="spec">The sources.</param>
    /// <param name="samples">How many samples to make, at least 1.</param>
    /// <param name="sequenceLength">Tokens of a sample, at least 8.</param>
    /// <param name="seed">Picks and orders the samples.</param>
    /// <exception cref="CalibrationException">
    /// A source can't be read, more than half of its records can't be used, or there isn't text for a single sample.
    /// </exception>
    public CalibrationLoad Load(DatasetSpec spec, int samples, int sequenceLength, int seed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sequenceLength, ShortestSample);
        var reader = new SourceReader(tokenizer, boundaries, sequenceLength, seed);
        var sources = spec.Sources
            .Select(source => reader.Read(source, source.Count ?? samples))
            .OrderBy(source => source.Samples.Count)
            .ToArray();
        var mixed = Mix(sources, samples, seed);
        var shortages = string.Concat(sources.Where(source => source.Shortage is not null).Select(source => $" {source.Shortage}"));
        if (mixed.Length == 0)
        {
            throw new CalibrationException(
                $"There is too little calibration text. Samples of {sequenceLength} tokens needed: {samples}; found: 0.{shortages} " +
                "Give more or longer texts, or shorter samples.");
        }

        var warnings = sources.Select(source => source.BadRecords).OfType<string>().ToList();
        if (mixed.Length < samples)
        {
            warnings.Add(
                $"There is little calibration text. Samples of {sequenceLength} tokens asked for: {samples}; found and used: {mixed.Length}.{shortages}");
        }
        else
        {
            warnings.AddRange(sources
                .Where(source => source.Samples.Count < source.Source.Count)
                .Select(source => $"{source.Shortage} Asked for: {source.Source.Count}; the other sources give the rest."));
        }

        return new CalibrationLoad(new CalibrationSet(mixed, sequenceLength), warnings);
    }

    private static int[][] Mix(SourceSamples[] sources, int samples, int seed)
    {
        var shares = SampleShares.Of([.. sources.Select(source => (source.Samples.Count, source.Source.Count))], samples);
        var mixed = sources.SelectMany((source, i) => source.Samples.Take(shares[i])).ToArray();
        if (sources.Length > 1) new PythonRandom(seed).Shuffle<int[]>(mixed);
        return mixed.Length > samples ? mixed[..samples] : mixed;
    }
}
