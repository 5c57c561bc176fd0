namespace Dray.Inference.Tokenization;

/// <summary>A piece of a message's content: text, a picture, or reasoning.</summary>
public abstract record ContentPart
{
    private protected ContentPart()
    {
    }
}
