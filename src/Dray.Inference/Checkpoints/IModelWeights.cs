namespace Dray.Inference.Checkpoints;

/// <summary>Weights by canonical name, wherever they come from: a <see cref="Checkpoint"/>, or made up for a benchmark.</summary>
internal interface IModelWeights
{
    /// <summary>Gets the model's shape.</summary>
    ModelConfig Config { get; }

    /// <summary>A weight matrix [N, K]; a tied <c>language_model.lm_head</c> is the embedding table.</summary>
    LinearSource Linear(string module);

    /// <summary>The embedding table [vocabulary, hidden].</summary>
    DenseLinear Embedding(string module);

    /// <summary>A normalisation's <paramref name="length"/> gains.</summary>
    float[] Vector(string module, int length);

    /// <summary>Gets the bytes of the files that the weights are in; 0 where there are none.</summary>
    long TotalBytes { get; }

    /// <summary>Gets the bytes of those files that have been asked for.</summary>
    long OpenedBytes { get; }
}
