package tzgraph;

import static tzgraph.Checks.equal;

import java.net.http.HttpClient;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.jena.atlas.web.HttpException;
import org.apache.jena.http.auth.AuthEnv;
import org.apache.jena.query.Query;
import org.apache.jena.query.QueryFactory;
import org.apache.jena.rdf.model.Model;
import org.apache.jena.rdf.model.ModelFactory;
import org.apache.jena.rdf.model.ResourceFactory;
import org.apache.jena.rdfconnection.RDFConnection;
import org.apache.jena.rdfconnection.RDFConnectionRemote;
import org.apache.jena.sparql.engine.http.QueryExceptionHTTP;
import org.apache.jena.sparql.exec.http.QueryExecutionHTTP;
import org.apache.jena.sparql.exec.http.QuerySendMode;

/** Jena's RDFConnection: address of the server, token. */
public final class Jena {
    private static final String EX = "http://example.org/";
    private static final String GRAPH = EX + "jena";

    private Jena() {}

    public static void main(String[] arguments) {
        String url = arguments[0];
        AuthEnv.get().setBearerToken(url + "/update", arguments[1]);
        AuthEnv.get().setBearerToken(url + "/graphs", arguments[1]);
        Checks checks = new Checks();
        try (RDFConnection server =
                RDFConnectionRemote.newBuilder()
                        .queryEndpoint(url + "/sparql")
                        .updateEndpoint(url + "/update")
                        .gspEndpoint(url + "/graphs")
                        .httpClient(HttpClient.newHttpClient())
                        .build()) {
            updates(checks, server);
            queries(checks, server, url);
            graphs(checks, server);
        }
        checks.end();
    }

    private static void updates(Checks checks, RDFConnection server) {
        checks.check(
                "update",
                () -> {
                    server.update("INSERT DATA { GRAPH <" + GRAPH + "> { <x:a> <x:b> 1, 2 } }");
                    equal(2, count(server, "GRAPH <" + GRAPH + "> { ?s ?p ?o }"));
                });
        checks.check(
                "update that is refused",
                () -> refused(() -> server.update("LOAD <http://example.org/x>"), 400));
    }

    private static void queries(Checks checks, RDFConnection server, String url) {
        for (QuerySendMode mode :
                List.of(QuerySendMode.asGetAlways, QuerySendMode.asPostForm, QuerySendMode.asPost)) {
            for (String form :
                    List.of(
                            "application/sparql-results+json",
                            "application/sparql-results+xml",
                            "text/csv",
                            "text/tab-separated-values")) {
                checks.check("select " + mode + " " + form, () -> equal(2, rows(url, mode, form)));
            }
        }
        checks.check(
                "ask", () -> equal(true, server.queryAsk("ASK { GRAPH <" + GRAPH + "> { ?s ?p 1 } }")));
        checks.check(
                "construct",
                () ->
                        equal(
                                2L,
                                server.queryConstruct(
                                                "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <"
                                                        + GRAPH
                                                        + "> { ?s ?p ?o } }")
                                        .size()));
        checks.check(
                "describe",
                () ->
                        equal(
                                true,
                                server.queryDescribe("DESCRIBE <" + EX + "it>").size() > 0));
        checks.check("query that can't be parsed", () -> refused(() -> ask(url), 400));
    }

    private static int rows(String url, QuerySendMode mode, String form) {
        Query query = QueryFactory.create("SELECT ?o { GRAPH <" + GRAPH + "> { ?s ?p ?o } }");
        AtomicInteger rows = new AtomicInteger();
        try (QueryExecutionHTTP execution =
                QueryExecutionHTTP.service(url + "/sparql")
                        .query(query)
                        .sendMode(mode)
                        .acceptHeader(form)
                        .build()) {
            execution.execSelect().forEachRemaining(row -> rows.incrementAndGet());
        }
        return rows.get();
    }

    private static void ask(String url) {
        try (QueryExecutionHTTP execution =
                QueryExecutionHTTP.service(url + "/sparql").queryString("ASK { nonsense").build()) {
            execution.execAsk();
        }
    }

    private static void graphs(Checks checks, RDFConnection server) {
        Model model = ModelFactory.createDefaultModel();
        model.add(
                ResourceFactory.createResource(EX + "é"),
                ResourceFactory.createProperty(EX + "p"),
                ResourceFactory.createLangLiteral("ü\n\"", "de"));
        checks.check(
                "put and get a graph",
                () -> {
                    server.put(GRAPH, model);
                    equal(true, model.isIsomorphicWith(server.fetch(GRAPH)));
                });
        checks.check(
                "post to a graph",
                () -> {
                    Model more = ModelFactory.createDefaultModel();
                    more.createResource().addLiteral(ResourceFactory.createProperty(EX + "n"), 5);
                    server.load(GRAPH, more);
                    equal(2L, server.fetch(GRAPH).size());
                });
        checks.check(
                "delete a graph",
                () -> {
                    server.delete(GRAPH);
                    refused(() -> server.fetch(GRAPH), 404);
                });
    }

    private static int count(RDFConnection server, String pattern) {
        AtomicInteger count = new AtomicInteger();
        server.querySelect("SELECT * { " + pattern + " }", row -> count.incrementAndGet());
        return count.get();
    }

    private static void refused(Checks.Step step, int status) throws Exception {
        try {
            step.run();
        } catch (HttpException error) {
            equal(status, error.getStatusCode());
            return;
        } catch (QueryExceptionHTTP error) {
            equal(status, error.getStatusCode());
            return;
        }
        throw new AssertionError("not refused");
    }
}
