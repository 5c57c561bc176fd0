using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Inference.Tokenization;
using Dray.Inference.Vision;
using Dray.Worker.Images;

namespace Dray.Cli.Commands;

/// <summary>Answers the lines of <c>dray tokenize</c>. Pictures are decoded, so that one that a run would refuse is refused here too.</summary>
internal sealed class TokenizeSession
{
    private const int MostPictures = 256;

    private readonly int _maxImageBytes;
    private readonly ChatEncoder _encoder;
    private readonly ImageProcessor? _images;

    /// <param name="configuration">Names the folder with tekken.json; config.json is not needed.</param>
    public TokenizeSession(DrayConfiguration configuration)
    {
        _maxImageBytes = configuration.Worker.MaxImageBytes;
        Tokenizer = TekkenTokenizer.Load(Path.Combine(configuration.Model!, "tekken.json"));
        _encoder = new ChatEncoder(Tokenizer);
        if (Tokenizer.Image is { } spec) _images = new ImageProcessor(spec, configuration.Engine.Images);
    }

    public TekkenTokenizer Tokenizer { get; }

    public static JsonArray ToJson(IEnumerable<int> ids) => [.. ids.Select(id => JsonValue.Create(id))];

    /// <exception cref="CommandException">The file is not a chat request that can be encoded.</exception>
    public int[] EncodeChatFile(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return Encode(document.RootElement, Path.GetDirectoryName(Path.GetFullPath(file))!).Ids;
        }
        catch (Exception exception) when (exception is JsonException or RequestRejectedException)
        {
            throw new CommandException(ExitCode.InputRefused, $"{file}: {exception.Message}");
        }
    }

    /// <summary>One line out per line in; what is wrong with a line is its answer.</summary>
    public JsonObject AnswerLine(string line, string folder)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return Error(RequestErrorCodes.InvalidRequest, "The line is not a JSON object.");
            if (root.TryGetProperty("text", out var text)) return new JsonObject { ["ids"] = ToJson(Tokenizer.Encode(JsonText.Read(text))) };
            if (root.TryGetProperty("ids", out var ids)) return new JsonObject { ["text"] = Tokenizer.Decode(ids.EnumerateArray().Select(id => id.GetInt32()), SpecialTokenPolicy.Keep) };
            if (!root.TryGetProperty("request", out var request)) return Error(RequestErrorCodes.InvalidRequest, "The line has none of \"text\", \"request\" and \"ids\".");
            var prompt = Encode(request, folder);
            return new JsonObject { ["ids"] = ToJson(prompt.Ids), ["image_count"] = prompt.Images.Count };
        }
        catch (RequestRejectedException rejected)
        {
            return Error(rejected.Code, rejected.Message);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return Error(RequestErrorCodes.InvalidRequest, exception.Message);
        }
    }

    private EncodedPrompt Encode(JsonElement body, string folder)
    {
        var request = ChatRequest.Parse(body);
        _encoder.Validate(request);
        var pictures = new ImageResolver(new ImageFolder(folder), MostPictures, _maxImageBytes).ResolveAsync(request.ImageUrls, CancellationToken.None).GetAwaiter().GetResult();
        return _encoder.Encode(request, [.. pictures.Select(GridOf)]);
    }

    private ImageGrid GridOf(ReadOnlyMemory<byte> picture)
    {
        if (_images is null) throw new RequestRejectedException(RequestErrorCodes.InvalidRequest, "This tokenizer has no image section, so a request must not hold pictures.");
        var geometry = _images.Process(picture).Geometry;
        return new ImageGrid(geometry.TokenColumns, geometry.TokenRows);
    }

    private static JsonObject Error(string code, string message) => new() { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } };
}
