namespace Dray.Worker.Client;

/// <summary>Why a client couldn't do what it was asked.</summary>
public enum BatchClientProblem
{
    /// <summary>The store has no batch of that id.</summary>
    UnknownBatch,

    /// <summary>The input as a whole can't be submitted: missing, empty, changed meanwhile.</summary>
    InputRefused,

    /// <summary>The key stands for something else already.</summary>
    KeyConflict,

    /// <summary>The batch has no output yet, or can't have one.</summary>
    NotDone,

    /// <summary>The store holds something else than the manifest says.</summary>
    Damaged,

    /// <summary>The folder for answers can't be written to.</summary>
    OutputRefused,

    /// <summary>The broker can't be reached, or refused.</summary>
    BrokerOutOfReach,

    /// <summary>The store can't be reached, or refused.</summary>
    StoreOutOfReach,
}
