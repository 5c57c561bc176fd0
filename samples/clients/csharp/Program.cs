// OpenAI's own client for .NET against `dray serve`: an answer, printed as it comes.
using System.ClientModel;
using OpenAI;
using OpenAI.Chat;

var options = new OpenAIClientOptions { Endpoint = new Uri(Environment.GetEnvironmentVariable("OPENAI_BASE_URL") ?? "http://localhost:8000/v1") };
var credential = new ApiKeyCredential(Environment.GetEnvironmentVariable("OPENAI_API_KEY") ?? "none");
var chat = new ChatClient("dray-demo", credential, options);
var asked = new ChatCompletionOptions { MaxOutputTokenCount = 10, Temperature = 0 };
await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage(args.Length > 0 ? args[0] : "What is 2+2? One word.")], asked))
{
    foreach (var part in update.ContentUpdate) Console.Write(part.Text);
}

Console.WriteLine();
