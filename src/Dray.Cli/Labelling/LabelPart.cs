using System.Security.Cryptography;
using System.Text;
using Dray.Cli.Labelling.Tables;
using Dray.Inference;

namespace Dray.Cli.Labelling;

/// <summary>Consecutive rows that run as one batch.</summary>
/// <param name="First">The number of its first row, from 1.</param>
/// <param name="Rows">How many.</param>
/// <param name="Refused">Rows, by number, that are too large to be asked about.</param>
/// <param name="Sha256">The hash of all that is asked.</param>
internal sealed record LabelPart(long First, int Rows, IReadOnlyDictionary<long, Label> Refused, string Sha256)
{
    /// <summary>The most bytes of a part's requests.</summary>
    private const long MostBytes = 256L << 20;

    /// <summary>Writes the requests of the next rows.</summary>
    /// <param name="job">What to ask.</param>
    /// <param name="rows">Where the rows come from.</param>
    /// <param name="first">The number of the next one.</param>
    /// <param name="mostRows">The most rows of a part.</param>
    /// <param name="mostLineBytes">The longest request.</param>
    /// <param name="file">Where to write the requests.</param>
    /// <returns>The part, or null where there are no more rows.</returns>
    public static LabelPart? Write(LabelJob job, IEnumerator<TableRow> rows, long first, int mostRows, int mostLineBytes, string file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        var refused = new Dictionary<long, Label>();
        var number = first;
        while (number - first < mostRows && target.Position < MostBytes && rows.MoveNext())
        {
            var request = job.Request(number, rows.Current.Values);
            if (request.Length <= mostLineBytes)
            {
                target.Write(request);
                target.WriteByte((byte)'\n');
                hash.AppendData(request);
            }
            else
            {
                refused[number] = RowAnswer.Failed(
                    RequestErrorCodes.ContentTooLarge, $"The row's request has {request.Length} bytes, more than the {mostLineBytes} allowed; shorten it, or name its picture by path.");
                hash.AppendData(Encoding.UTF8.GetBytes(refused[number].Error!));
            }

            hash.AppendData("\n"u8);
            number++;
        }

        return number == first ? null : new LabelPart(first, (int)(number - first), refused, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The labels of the rows, in their order.</summary>
    /// <param name="outputFile">The batch's output.</param>
    /// <param name="errorsFile">The batch's errors.</param>
    /// <param name="options">How was asked.</param>
    public IEnumerable<Label> Labels(string outputFile, string errorsFile, LabelOptions options)
    {
        using var output = Answers(outputFile, options).GetEnumerator();
        using var errors = Answers(errorsFile, options).GetEnumerator();
        var (hasOutput, hasError) = (output.MoveNext(), errors.MoveNext());
        for (var number = First; number < First + Rows; number++)
        {
            if (Refused.TryGetValue(number, out var refused))
            {
                yield return refused;
            }
            else if (hasOutput && output.Current.Number == number)
            {
                yield return output.Current.Label;
                hasOutput = output.MoveNext();
            }
            else if (hasError && errors.Current.Number == number)
            {
                yield return errors.Current.Label;
                hasError = errors.MoveNext();
            }
            else
            {
                throw new InvalidDataException($"The batch's output has no answer about row {number}, in the rows' order.");
            }
        }
    }

    private static IEnumerable<(long Number, Label Label)> Answers(string file, LabelOptions options) => File.ReadLines(file).Select(line => RowAnswer.Read(line, options));
}
