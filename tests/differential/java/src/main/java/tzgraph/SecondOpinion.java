package tzgraph;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.jena.atlas.json.JSON;
import org.apache.jena.atlas.json.JsonArray;
import org.apache.jena.atlas.json.JsonObject;
import org.apache.jena.atlas.json.JsonValue;
import org.apache.jena.query.ARQ;
import org.apache.jena.query.Dataset;
import org.apache.jena.query.DatasetFactory;
import org.apache.jena.query.Query;
import org.apache.jena.query.QueryCancelledException;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.QueryFactory;
import org.apache.jena.query.QueryParseException;
import org.apache.jena.query.ResultSetFormatter;
import org.apache.jena.query.Syntax;
import org.apache.jena.rdf.model.Model;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.riot.RDFParser;

/**
 * Answers many queries with Jena ARQ in one process.
 *
 * <p>The first argument is a JSON file: {@code {"data": {NAME: TRIG}, "base": IRI, "seconds": N,
 * "optimise": BOOLEAN, "queries": [{"id": ID, "data": NAME, "query": TEXT}]}}. The second is where
 * the answers go, a JSON object on each line: {@code {"id": ID}} with {@code results} (SPARQL
 * JSON), {@code graph} (N-Triples) or {@code error}.
 */
public final class SecondOpinion {
    private SecondOpinion() {}

    public static void main(String[] arguments) throws IOException {
        JsonObject work = JSON.parse(Files.readString(Path.of(arguments[0])));
        String base = work.getString("base");
        long seconds = work.get("seconds").getAsNumber().value().longValue();
        ARQ.getContext().set(ARQ.optimization, work.get("optimise").getAsBoolean().value());
        Map<String, Dataset> datasets = new HashMap<>();
        for (Map.Entry<String, JsonValue> data : work.getObj("data").entrySet()) {
            Dataset dataset = DatasetFactory.create();
            String trig = data.getValue().getAsString().value();
            RDFParser.fromString(trig, Lang.TRIG).base(base).parse(dataset);
            datasets.put(data.getKey(), dataset);
        }
        JsonArray queries = work.get("queries").getAsArray();
        try (PrintStream out = new PrintStream(arguments[1], StandardCharsets.UTF_8)) {
            for (JsonValue item : queries) {
                JsonObject query = item.getAsObject();
                Dataset dataset = datasets.get(query.getString("data"));
                JsonObject answer = answer(query.getString("query"), base, dataset, seconds);
                answer.put("id", query.getString("id"));
                out.println(JSON.toStringFlat(answer));
            }
        }
    }

    private static JsonObject answer(String text, String base, Dataset dataset, long seconds) {
        JsonObject answer = new JsonObject();
        try {
            Query query = QueryFactory.create(text, base, Syntax.syntaxSPARQL_11);
            try (QueryExecution execution =
                    QueryExecution.dataset(dataset)
                            .query(query)
                            .timeout(seconds, TimeUnit.SECONDS)
                            .build()) {
                run(query, execution, answer);
            }
        } catch (QueryParseException error) {
            answer.put("error", "syntax: " + error.getMessage());
        } catch (QueryCancelledException error) {
            answer.put("error", "time");
        } catch (RuntimeException | StackOverflowError error) {
            answer.put("error", error.getClass().getSimpleName() + ": " + error.getMessage());
        }
        return answer;
    }

    private static void run(Query query, QueryExecution execution, JsonObject answer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (query.isSelectType()) {
            ResultSetFormatter.outputAsJSON(bytes, execution.execSelect());
            answer.put("results", JSON.parse(bytes.toString(StandardCharsets.UTF_8)));
        } else if (query.isAskType()) {
            JsonObject results = new JsonObject();
            results.put("boolean", execution.execAsk());
            answer.put("results", results);
        } else {
            Model model =
                    query.isConstructType()
                            ? execution.execConstruct()
                            : execution.execDescribe();
            RDFDataMgr.write(bytes, model, Lang.NTRIPLES);
            answer.put("graph", bytes.toString(StandardCharsets.UTF_8));
        }
    }
}
