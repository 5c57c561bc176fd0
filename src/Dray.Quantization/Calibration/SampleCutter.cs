using System.Runtime.InteropServices;

namespace Dray.Quantization.Calibration;

/// <summary>
/// Makes samples of one length of tokenized texts: the beginning of each text, or all texts joined and cut. Start and end token are
/// in every sample where the texts have them; what is left at the end of joined texts isn't used.
/// </summary>
/// <param name="length">Tokens of a sample.</param>
/// <param name="bos">The start token.</param>
/// <param name="eos">The end token.</param>
/// <param name="concatenate">Whether texts are joined.</param>
/// <param name="random">Shuffles the samples of one long text, so that the first ones aren't all of its beginning.</param>
internal sealed class SampleCutter(int length, int bos, int eos, bool concatenate, PythonRandom random)
{
    private readonly List<int> _joined = [];
    private bool _bos;
    private bool _eos;

    /// <summary>Gets the samples so far.</summary>
    public List<int[]> Samples { get; } = [];

    /// <summary>Gets how many texts were shorter than a sample.</summary>
    public int Short { get; private set; }

    /// <summary>Gets how many samples were left out because more than half of them is one token.</summary>
    public int Repetitive { get; private set; }

    /// <summary>Adds a text.</summary>
    public void Add(TokenizedItem item)
    {
        if (concatenate) Join(item);
        else if (Room(item.Bos, item.Eos) is var room && item.Ids.Length < room) Short++;
        else Keep(Sample(item.Ids.AsSpan(0, room), item.Bos, item.Eos));
    }

    private void Join(TokenizedItem item)
    {
        _bos |= item.Bos;
        _eos |= item.Eos;
        _joined.AddRange(item.Ids);
        var (room, first, start) = (Room(_bos, _eos), Samples.Count, 0);
        for (; _joined.Count - start >= room; start += room)
            Keep(Sample(CollectionsMarshal.AsSpan(_joined).Slice(start, room), _bos, _eos));
        _joined.RemoveRange(0, start);
        random.Shuffle(CollectionsMarshal.AsSpan(Samples)[first..]);
    }

    private int Room(bool withBos, bool withEos) => length - (withBos ? 1 : 0) - (withEos ? 1 : 0);

    private int[] Sample(ReadOnlySpan<int> ids, bool withBos, bool withEos)
    {
        var sample = new int[length];
        if (withBos) sample[0] = bos;
        ids.CopyTo(sample.AsSpan(withBos ? 1 : 0));
        if (withEos) sample[^1] = eos;
        return sample;
    }

    private void Keep(int[] sample)
    {
        if (sample.AsSpan().Count(sample[^1]) > length / 2) Repetitive++;
        else Samples.Add(sample);
    }
}
