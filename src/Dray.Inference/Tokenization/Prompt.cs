namespace Dray.Inference.Tokenization;

/// <summary>What an answer goes on from: a conversation (<see cref="ChatRequest"/>) or a bare text (<see cref="TextPrompt"/>).</summary>
public abstract record Prompt
{
    private protected Prompt()
    {
    }
}
