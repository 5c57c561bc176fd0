namespace Dray.Cli.Drill;

/// <summary>Is told what a drill does.</summary>
internal interface IDrillObserver
{
    /// <summary>Something begins, or happened.</summary>
    void Note(string text);

    /// <summary>How far the batch is.</summary>
    void Progressed(long rows, long total);
}
