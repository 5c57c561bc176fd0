namespace Dray.Inference.Tokenization;

/// <summary>Who speaks in a <see cref="ChatMessage"/>.</summary>
public enum ChatRole
{
    /// <summary>Instructions that hold for the conversation (<c>system</c>, also <c>developer</c>).</summary>
    System,

    /// <summary>The person or program that asks.</summary>
    User,

    /// <summary>The model's earlier answers.</summary>
    Assistant,

    /// <summary>The result of a tool that the model called.</summary>
    Tool,
}
