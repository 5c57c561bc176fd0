using Dray.Worker.Input;

namespace Dray.Worker.Execution;

/// <summary>A row of a chunk that has yet to run.</summary>
/// <param name="Place">Its number in the chunk, from 0.</param>
/// <param name="Line">Its line of the input.</param>
/// <param name="Identity">Its ids.</param>
internal readonly record struct ChunkRow(int Place, InputLine Line, RequestIdentity Identity);
