namespace Dray.Worker.Storage;

/// <summary>A store whose account has other containers, which the same credentials may open.</summary>
internal interface IBlobAccount
{
    /// <summary>Opens another container of the account, to read from; whether it is there shows when it is used.</summary>
    IBlobStore OpenContainer(string name);
}
