using System.Reflection;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Dray.Cli.Labelling.Tables;

/// <summary>
/// Copies a Parquet file with columns added, one row group after the other: columns are copied with their types and levels, so that values that nest or
/// that .NET has no type for stay what they are.
/// </summary>
internal static class ParquetCopy
{
    private const int MostValues = 100_000_000;

    private static readonly MethodInfo Column = typeof(ParquetCopy).GetMethod(nameof(CopyColumnAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    // Values as they lie in the file: decimals of any size, dates without a time of day.
    private static readonly ParquetOptions Options = new() { UseBigDecimal = true, UseDateOnlyTypeForDates = true };

    /// <summary>Copies a file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Where to.</param>
    /// <param name="added">The added columns.</param>
    /// <param name="rows">The added columns' values, row by row.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task RunAsync(
        ParquetTable source, Stream target, IReadOnlyList<TableColumn> added, IEnumerator<IReadOnlyList<object?>> rows, CancellationToken cancellationToken)
    {
        await using var reader = await ParquetReader.CreateAsync(source.Path, Options, cancellationToken);
        var schema = new ParquetSchema([.. reader.Schema.Fields, .. added.Select(ParquetTableWriter.FieldOf)]);
        await using var writer = await ParquetWriter.CreateAsync(schema, target, Options, cancellationToken: cancellationToken);
        writer.CustomMetadata = reader.CustomMetadata;
        var fields = schema.DataFields;
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var from = reader.OpenRowGroupReader(i);
            using var to = writer.CreateRowGroup();
            foreach (var field in fields.AsSpan(0, fields.Length - added.Count).ToArray())
                await (Task)Column.MakeGenericMethod(StoredAs(field)).Invoke(null, [source.Path, from, to, field, cancellationToken])!;

            var values = new List<IReadOnlyList<object?>>();
            while (values.Count < from.RowCount && rows.MoveNext()) values.Add(rows.Current);
            for (var column = 0; column < added.Count; column++)
            {
                await ParquetTableWriter.WriteColumnAsync(
                    to, fields[fields.Length - added.Count + column], added[column].Kind, values.Select(row => row[column]));
            }

            to.CompleteValidate();
        }
    }

    private static Type StoredAs(DataField field) =>
        field.ClrType == typeof(string) ? typeof(ReadOnlyMemory<char>)
        : field.ClrType == typeof(byte[]) ? typeof(ReadOnlyMemory<byte>)
        : field.ClrType == typeof(decimal) ? typeof(BigDecimal)
        : field.ClrType;

    private static async Task CopyColumnAsync<T>(
        string path, ParquetRowGroupReader from, ParquetRowGroupWriter to, DataField field, CancellationToken cancellationToken) where T : struct
    {
        var count = from.GetMetadata(field)!.MetaData!.NumValues;
        if (count is < 0 or > MostValues)
            throw TableFile.Refused(path, $"has {count} values of '{field.Path}' in a row group; at most {MostValues} are read: write smaller row groups.");
        var values = new T[count];
        var definitions = field.MaxDefinitionLevel > 0 ? new int[count] : null;
        var repetitions = field.MaxRepetitionLevel > 0 ? new int[count] : null;
        var present = ParquetTable.Guard(path, async () =>
        {
            await from.ReadRawAsync(
                field, values.AsMemory(), definitions is null ? (Memory<int>?)null : definitions, repetitions is null ? (Memory<int>?)null : repetitions, cancellationToken);
            return definitions?.Count(level => level == field.MaxDefinitionLevel) ?? values.Length;
        });
        await to.WriteAllPartsAsync(
            field,
            new ReadOnlyMemory<T>(values, 0, present),
            definitions is null ? (ReadOnlyMemory<int>?)null : definitions,
            repetitions is null ? (ReadOnlyMemory<int>?)null : repetitions,
            cancellationToken);
    }
}
