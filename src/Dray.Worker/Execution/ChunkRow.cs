using Dray.Worker.Input;

namespace Dray.Worker.Execution;

/// <summary>A row of a chunk that has yet to run.</summary>
/// <param name="Number">Its number in the chunk, from 0.</param>
/// <param name="Line">Its line of the input.</param>
/// <param name="Place">What else is known of it.</param>
internal readonly record struct ChunkRow(int Number, InputLine Line, ChunkPlace Place);
