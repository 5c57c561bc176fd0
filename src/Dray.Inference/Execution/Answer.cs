using System.Text;
using Dray.Inference.Sampling;
using Dray.Inference.Scheduling;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Execution;

/// <summary>One choice of a request while it is generated: takes sampled tokens, says when it is finished and what it says.</summary>
internal sealed class Answer
{
    private readonly int _maxTokens;
    private readonly int _toolCallsToken;
    private readonly IncrementalDetokenizer? _detokenizer;
    private readonly StopChecker? _stopChecker;
    private readonly List<SampledToken>? _sampled;
    private readonly StringBuilder _text = new();
    private bool _inToolCall;
    private bool _stoppedByString;

    public Answer(TekkenTokenizer tokenizer, Sequence sequence, SequenceSamplingState state, int maxTokens)
    {
        (Sequence, State, _maxTokens) = (sequence, state, maxTokens);
        _toolCallsToken = tokenizer.TryGetSpecial("[TOOL_CALLS]", out var id) ? id : -1;
        if (state.Sampling.Stop.Count > 0) (_detokenizer, _stopChecker) = (new IncrementalDetokenizer(tokenizer), new StopChecker(state.Sampling));
        if (state.Sampling.LogProbs is not null) _sampled = [];
    }

    public Sequence Sequence { get; }

    public SequenceSamplingState State { get; }

    /// <summary>Gets why it ended, or null while it goes on.</summary>
    public FinishReason? Finished { get; private set; }

    /// <summary>Takes the next token.</summary>
    public void Append(SampledToken token)
    {
        Sequence.Append(token.Id);
        _sampled?.Add(token);
        if (State.IsEnd(token.Id) || StopStringMet(token.Id)) Finished = FinishReason.Stop;
        else if (Sequence.OutputIds.Length >= _maxTokens) Finished = FinishReason.Length;
    }

    /// <summary>What it says in the end.</summary>
    /// <param name="reader">Makes text and calls of ids.</param>
    /// <param name="random">Makes ids for tool calls.</param>
    public GenerationChoice ToChoice(AnswerReader reader, Random random)
    {
        var choice = _stoppedByString
            ? new GenerationChoice(_text.ToString(), [], FinishReason.Stop)
            : reader.Read(Sequence.OutputIds, Finished!.Value, random);
        return choice with { LogProbs = _sampled?.ConvertAll(reader.Describe) };
    }

    /// <summary>Stop strings end the text of an answer, not the arguments of a tool call.</summary>
    private bool StopStringMet(int id)
    {
        if (_detokenizer is null || _stopChecker is null) return false;
        _inToolCall |= id == _toolCallsToken;
        if (_inToolCall) return false;
        var step = _stopChecker.Append(_detokenizer.Append(id), Sequence.OutputIds.Length);
        _text.Append(step.Text);
        return _stoppedByString = step.Stop is not null;
    }
}
